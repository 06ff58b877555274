using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>What happened to one key: its calls and what nodes held of it.</summary>
internal sealed class KeyStory(string type, string key)
{
    private const int MostCalls = 4_000;
    private const int MostStates = 400;

    private readonly List<CallRecord> _writes = [];
    private readonly List<CallRecord> _reads = [];
    private readonly List<StateRecord> _states = [];

    /// <summary>The type of the object.</summary>
    public string Type => type;

    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>Its changes by their beginnings, the first 4,000.</summary>
    public IReadOnlyList<CallRecord> Writes => _writes;

    /// <summary>How many changes there were.</summary>
    public long AllWrites { get; private set; }

    /// <summary>Its reads by their beginnings, the first 4,000.</summary>
    public IReadOnlyList<CallRecord> Reads => _reads;

    /// <summary>What nodes held, in order of time.</summary>
    public IReadOnlyList<StateRecord> States => _states;

    /// <summary>Takes in what is about this key.</summary>
    public void Add(HistoryRecord record)
    {
        switch (record)
        {
            case CallRecord call when call.Type == type && call.Key == key && call.IsRead:
                if (_reads.Count < MostCalls) _reads.Add(call);
                break;
            case CallRecord call when call.Type == type && call.Key == key:
                AllWrites++;
                if (_writes.Count < MostCalls) _writes.Add(call);
                break;
            case StateRecord state when state.Type == type && state.Key == key:
                if (_states.Count < MostStates) _states.Add(state);
                break;
            default:
                break;
        }
    }

    /// <summary>Puts everything in order: a history is written as calls end.</summary>
    public void Finish()
    {
        _writes.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        _reads.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        _states.Sort(static (one, other) => one.At != other.At ? one.At.CompareTo(other.At) : one.Node.CompareTo(other.Node));
    }
}
