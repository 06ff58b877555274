using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>What an object is when calls come one after the other. A state is a number.</summary>
internal interface ISequentialModel
{
    /// <summary>The state before the first call.</summary>
    long Initial { get; }

    /// <summary>The state after a call; null where the call cannot have returned what it did.</summary>
    long? Step(Operation call, long state);

    /// <summary>Whether it has met more states than it can keep.</summary>
    bool IsExhausted => false;

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

/// <summary>A set as a whole; its state is the number of what it holds.</summary>
internal sealed class SetModel : ISequentialModel
{
    private const long MostKept = 20_000_000; // elements of all states together: 80 MB

    private readonly Dictionary<Value, long> _states = [];
    private readonly List<Value> _sets = [];
    private readonly Dictionary<(Operation, long), long> _steps = [];
    private long _kept;

    public SetModel() => StateOf(Value.OfTexts([]));

    public long Initial => 0;

    public bool IsExhausted => _kept > MostKept;

    /// <summary>The elements that calls name.</summary>
    public static IReadOnlyCollection<int> ElementsOf(IReadOnlyList<TimedCall> calls)
    {
        var elements = new HashSet<int>();
        foreach (var call in calls)
            foreach (var element in (call.IsRead ? call.Operation.Result : call.Operation.Argument).Texts) elements.Add(element);
        return elements;
    }

    public long? Step(Operation call, long state)
    {
        if (call.IsRead) return _sets[(int)state].Texts.SequenceEqual(call.Result.Texts) ? state : null;
        if (call.Act == Act.Delete) return 0;
        if (!_steps.TryGetValue((call, state), out var next)) _steps.Add((call, state), next = StateOf(Changed(call, _sets[(int)state])));
        return next;
    }

    public string Show(TextTable texts, long state) => texts.Show(_sets[(int)state]);

    private static Value Changed(Operation call, Value set)
    {
        var elements = new HashSet<int>(set.Texts.ToArray());
        foreach (var element in call.Argument.Texts)
        {
            if (call.Act == Act.Remove) elements.Remove(element);
            else elements.Add(element);
        }

        return Value.OfTexts([.. elements]);
    }

    private long StateOf(Value set)
    {
        if (_states.TryGetValue(set, out var state)) return state;
        _states.Add(set, state = _sets.Count);
        _sets.Add(set);
        _kept += 16 + set.Texts.Length;
        return state;
    }
}

/// <summary>One element of a set: there or not.</summary>
internal sealed class ElementModel(int element) : ISequentialModel
{
    public long Initial => 0;

    public long? Step(Operation call, long state) => call.Act switch
    {
        Act.Read => call.Result.Has(element) == (state != 0) ? state : null,
        Act.Delete => 0,
        _ when !call.Argument.Has(element) => state,
        Act.Remove => 0,
        _ => 1,
    };

    public string Show(TextTable texts, long state) => state == 0 ? "nothing" : $"\"{texts[element]}\"";
}
