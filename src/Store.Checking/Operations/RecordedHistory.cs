using Gossipdb.Checking.History;

namespace Gossipdb.Checking.Operations;

/// <summary>
/// A history as checkers need it: operations by object and by caller. It keeps some 250 bytes a call, and each text once;
/// what nodes held behind their values (<see cref="StateRecord.Detail"/>) it does not keep.
/// </summary>
public sealed class RecordedHistory
{
    private readonly Dictionary<(string Type, string Key), KeyHistory> _keys = [];
    private readonly Dictionary<string, Level> _levels = new(StringComparer.Ordinal);
    private readonly Dictionary<(long Nodes, int Required), CallReceipt> _receipts = [];
    private readonly Dictionary<string, List<Operation>> _callers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Operation>> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lostSessions = new(StringComparer.Ordinal);

    private RecordedHistory()
    {
    }

    /// <summary>What ran; of an unknown cluster where the file does not say.</summary>
    public RunRecord Run { get; private set; } = new();

    /// <summary>How many replicas a key has (N); 0 where the file does not say.</summary>
    public int Replication => Run.Replication;

    /// <summary>The objects, by the order in which they were first used.</summary>
    public IReadOnlyCollection<KeyHistory> Keys => _keys.Values;

    /// <summary>The operations of each caller, by their start, refused ones too.</summary>
    public IReadOnlyDictionary<string, List<Operation>> Callers => _callers;

    /// <summary>
    /// The operations of each session, by their start. A session that lost what it had seen goes on as another one, with "'" behind its
    /// name.
    /// </summary>
    public IReadOnlyDictionary<string, List<Operation>> Sessions => _sessions;

    /// <summary>Calls of several objects, without refused ones.</summary>
    public List<BatchCall> Batches { get; } = [];

    /// <summary>Faults, in the file's order.</summary>
    public List<FaultRecord> Faults { get; } = [];

    /// <summary>Phases, in the file's order.</summary>
    public List<PhaseRecord> Phases { get; } = [];

    /// <summary>What nodes said of themselves.</summary>
    public List<SampleRecord> Samples { get; } = [];

    /// <summary>When replicas held equal states.</summary>
    public List<ConvergedRecord> Converged { get; } = [];

    /// <summary>The texts that values are made of.</summary>
    public TextTable Texts { get; } = new();

    /// <summary>How many calls there are.</summary>
    public long Calls { get; private set; }

    /// <summary>When the last call began or ended, or the last state was seen.</summary>
    public long End { get; private set; }

    /// <summary>Whether the file's last line was cut off.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Loads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="HistoryFormatException">A line is no record.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RecordedHistory Load(string path, CancellationToken stop = default)
    {
        using var reader = new HistoryReader(path);
        var history = Of(reader.ReadAll(), stop);
        history.IsTruncated = reader.IsTruncated;
        return history;
    }

    /// <summary>The history of records.</summary>
    /// <param name="records">The records, in any order.</param>
    /// <param name="stop">Gives up.</param>
    public static RecordedHistory Of(IEnumerable<HistoryRecord> records, CancellationToken stop = default)
    {
        var history = new RecordedHistory();
        foreach (var record in records)
        {
            stop.ThrowIfCancellationRequested();
            history.Add(record);
        }

        history.Sort();
        return history;
    }

    /// <summary>Whether the name is a fault of the kind that begins with the word, and which nodes it names.</summary>
    internal IEnumerable<(long At, IReadOnlyList<int> Nodes)> FaultsOf(string word)
    {
        foreach (var fault in Faults)
        {
            var words = fault.Fault.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0] != word) continue;
            var numbers = words.Skip(1).Select(static one => int.TryParse(one, out var number) ? number : -1);
            yield return (fault.At, [.. numbers.TakeWhile(static one => one >= 0)]);
        }
    }

    private void Add(HistoryRecord record)
    {
        switch (record)
        {
            case RunRecord run:
                Run = run;
                break;
            case CallRecord call:
                Add(call);
                break;
            case FaultRecord fault:
                Faults.Add(fault);
                break;
            case PhaseRecord phase:
                Phases.Add(phase);
                break;
            case SampleRecord sample:
                Samples.Add(sample);
                break;
            case ConvergedRecord converged:
                Converged.Add(converged);
                break;
            case StateRecord { Final: true } state:
                KeyOf(state.Type, state.Key).Finals.Add(new FinalState(state.Node, state.At, Texts.Read(state.Value)));
                End = Math.Max(End, state.At);
                break;
        }
    }

    private void Add(CallRecord call)
    {
        Calls++;
        End = Math.Max(End, call.End ?? call.Start);
        if (call.Type != "batch")
        {
            File(Make(call, call.Type, call.Key, call.Op, Texts.Read(call.Argument), Texts.Read(call.Result), null));
            return;
        }

        var batch = new BatchCall { Call = call.Id };
        foreach (var part in call.Parts ?? [])
        {
            if (part?.Key is null || part.Type is null) continue; // of a file that somebody else wrote
            var operation = Make(call, part.Type, part.Key, part.Op, Texts.Read(part.Argument), Texts.Read(part.Result), batch);
            batch.Parts.Add(operation);
            File(operation);
        }

        if (call.Outcome != Outcome.Refused && batch.Parts.Count > 0) Batches.Add(batch);
    }

    private Operation Make(CallRecord call, string type, string key, string op, Value argument, Value result, BatchCall? batch) => new()
    {
        Call = call.Id,
        Caller = call.Caller,
        Session = SessionOf(call),
        Key = KeyOf(type, key),
        Act = ActOf(op),
        Outcome = call.End is null && call.Outcome == Outcome.Ok ? Outcome.Unknown : call.Outcome,
        Start = call.Start,
        End = call.End ?? Operation.Never,
        Argument = argument,
        Result = result,
        Level = LevelOf(call.Level),
        IsInMemory = call.Durability == "memory",
        Receipt = Pooled(call.Receipt),
        Batch = batch,
    };

    private void File(Operation operation)
    {
        ListOf(_callers, operation.Caller).Add(operation);
        if (operation.Session is { } session) ListOf(_sessions, session).Add(operation);
        if (operation.IsRead)
        {
            if (operation.IsOk) operation.Key.Reads.Add(operation);
        }
        else if (operation.Outcome != Outcome.Refused)
        {
            operation.Key.Changes.Add(operation);
        }
    }

    private void Sort()
    {
        foreach (var key in _keys.Values)
        {
            ByStart(key.Reads);
            ByStart(key.Changes);
        }

        foreach (var list in _callers.Values) ByStart(list);
        foreach (var list in _sessions.Values) ByStart(list);
    }

    // Files are written as calls end; most of what is sorted here is nearly so.
    private static void ByStart(List<Operation> list)
    {
        if (list.Count < 2) return;
        var ordered = list.OrderBy(static one => one.Start).ToList(); // stable: a batch's parts stay in order
        list.Clear();
        list.AddRange(ordered);
    }

    private string? SessionOf(CallRecord call)
    {
        if (call.Session is null) return null;
        var lost = _lostSessions.GetValueOrDefault(call.Session);
        var name = lost == 0 ? call.Session : string.Concat(call.Session, new string('\'', lost));
        if (call.Error is "SessionLost") _lostSessions[call.Session] = lost + 1;
        return name;
    }

    private KeyHistory KeyOf(string type, string key)
    {
        if (!_keys.TryGetValue((type, key), out var history)) _keys.Add((type, key), history = new KeyHistory(key, TypeOf(type), type));
        return history;
    }

    private Level? LevelOf(string? name)
    {
        if (name is null) return null;
        if (!_levels.TryGetValue(name, out var level)) _levels.Add(name, level = Level.Of(name)!);
        return level;
    }

    // Most receipts name the same few nodes: nine owners and stand-ins at most fit a number.
    private CallReceipt? Pooled(CallReceipt? receipt)
    {
        if (receipt is null || receipt.Nodes.Count + receipt.StandIns.Count > 9) return receipt;
        var nodes = (long)receipt.Nodes.Count;
        foreach (var node in receipt.Nodes.Concat(receipt.StandIns))
        {
            if (node is < 0 or > 63) return receipt;
            nodes = (nodes << 6) | (long)node;
        }

        nodes = (nodes * 10) + receipt.StandIns.Count;
        if (_receipts.TryGetValue((nodes, receipt.Required), out var known)) return known;
        _receipts.Add((nodes, receipt.Required), receipt);
        return receipt;
    }

    private static List<Operation> ListOf(Dictionary<string, List<Operation>> lists, string name)
    {
        if (!lists.TryGetValue(name, out var list)) lists.Add(name, list = []);
        return list;
    }

    private static ObjectType TypeOf(string type) => type switch
    {
        "counter" => ObjectType.Counter,
        "bounded-counter" => ObjectType.BoundedCounter,
        "register" => ObjectType.Register,
        "multi-register" => ObjectType.MultiRegister,
        "set" => ObjectType.Set,
        "flag" => ObjectType.Flag,
        _ => ObjectType.Other,
    };

    private static Act ActOf(string op) => op switch
    {
        "read" => Act.Read,
        "increment" => Act.Increment,
        "decrement" => Act.Decrement,
        "reset" => Act.Reset,
        "write" => Act.Write,
        "add" => Act.Add,
        "remove" => Act.Remove,
        "enable" => Act.Enable,
        "disable" => Act.Disable,
        "delete" => Act.Delete,
        _ => Act.Other,
    };
}
