using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>What an object is when calls come one after the other. A state is a number.</summary>
internal interface ISequentialModel
{
    /// <summary>The state before the first call.</summary>
    long Initial { get; }

    /// <summary>The state after a call; null where the call cannot have returned what it did.</summary>
    long? Step(Operation call, long state);

    /// <summary>A state in words.</summary>
    string Show(TextTable texts, long state);
}

/// <summary>A register; its state is the number of its value. What is deleted is as before the first write.</summary>
internal sealed class RegisterModel : ISequentialModel
{
    private readonly Dictionary<Value, long> _states = new() { [Value.Nothing] = 0 };

    public long Initial => 0;

    public long? Step(Operation call, long state) => call.Act switch
    {
        Act.Read => StateOf(call.Result) == state ? state : null,
        Act.Delete => 0,
        _ => StateOf(call.Argument),
    };

    public string Show(TextTable texts, long state) => texts.Show(_states.First(pair => pair.Value == state).Key);

    private long StateOf(Value value)
    {
        if (!_states.TryGetValue(value, out var state)) _states.Add(value, state = _states.Count);
        return state;
    }
}

/// <summary>A counter. A bounded one takes nothing that is not there.</summary>
internal sealed class CounterModel(bool isBounded) : ISequentialModel
{
    public long Initial => 0;

    public long? Step(Operation call, long state) => call.Act switch
    {
        Act.Read => call.Result.Number == state ? state : null,
        Act.Reset or Act.Delete => 0,
        _ => isBounded && state + call.Amount < 0 ? null : state + call.Amount,
    };

    public string Show(TextTable texts, long state) => texts.Show(Value.Of(state));
}

/// <summary>A flag.</summary>
internal sealed class FlagModel : ISequentialModel
{
    public long Initial => 0;

    public long? Step(Operation call, long state) => call.Act switch
    {
        Act.Read => call.Result.IsTrue == (state != 0) ? state : null,
        Act.Enable => 1,
        _ => 0,
    };

    public string Show(TextTable texts, long state) => texts.Show(Value.Of(state != 0));
}

/// <summary>A set of at most 62 elements; its state has a bit for each.</summary>
internal sealed class SetModel : ISequentialModel
{
    /// <summary>So many elements fit.</summary>
    public const int Most = 62;

    private readonly Dictionary<int, int> _bits = [];

    /// <summary>A set of the elements that the calls name; only of one of them, where it is given.</summary>
    public SetModel(IReadOnlyList<TimedCall> calls, int? only = null)
    {
        if (only is { } one)
        {
            _bits.Add(one, 0);
            return;
        }

        foreach (var element in ElementsOf(calls)) _bits.Add(element, _bits.Count);
    }

    public long Initial => 0;

    /// <summary>The elements that calls name.</summary>
    public static IReadOnlyCollection<int> ElementsOf(IReadOnlyList<TimedCall> calls)
    {
        var elements = new HashSet<int>();
        foreach (var call in calls)
            foreach (var element in (call.IsRead ? call.Operation.Result : call.Operation.Argument).Texts) elements.Add(element);
        return elements;
    }

    public long? Step(Operation call, long state) => call.Act switch
    {
        Act.Read => Mask(call.Result) == state ? state : null,
        Act.Delete => 0,
        Act.Remove => state & ~Mask(call.Argument),
        _ => state | Mask(call.Argument),
    };

    public string Show(TextTable texts, long state) =>
        texts.Show(Value.OfTexts([.. _bits.Where(pair => (state >> pair.Value & 1) != 0).Select(static pair => pair.Key)]));

    private long Mask(Value value)
    {
        var mask = 0L;
        foreach (var element in value.Texts)
            if (_bits.TryGetValue(element, out var bit)) mask |= 1L << bit;
        return mask;
    }
}
