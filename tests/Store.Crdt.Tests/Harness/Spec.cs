namespace Gossipdb.Crdt.Tests;

/// <summary>
/// What each type means: history → value, from the happens-before relation alone. Null where there is nothing to see. Values are
/// texts, so that one comparison does for all types.
/// </summary>
internal static class Spec
{
    /// <summary>An event's part that concerns one state. In a map's field it is a part of the event's operation.</summary>
    internal sealed record Step(Event Event, Operation Operation)
    {
        public bool Sees(Step earlier) => Event.Sees(earlier.Event);
    }

    public static string? Value(CrdtType type, IEnumerable<Event> history) =>
        Value(type, history.Select(e => new Step(e, e.Operation)).ToList());

    private static string? Value(CrdtType type, List<Step> history) => type switch
    {
        CrdtType.Counter => Counter(history),
        CrdtType.Set => Set(history),
        CrdtType.Register => Register(history, all: false),
        CrdtType.MultiRegister => Register(history, all: true),
        CrdtType.Flag => Flag(history),
        CrdtType.Map => Map(history),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The sum of the increments no reset has seen; of one operation id's executions, one counts.</summary>
    private static string? Counter(List<Step> history)
    {
        var resets = history.Where(s => s.Operation is CounterReset or Delete).ToList();
        var live = history.Where(s => s.Operation is CounterIncrement && !resets.Any(r => r.Sees(s))).ToList();
        if (live.Count == 0) return null;
        var plain = live.Where(s => !s.Event.Id.IsPresent);
        var tagged = live.Where(s => s.Event.Id.IsPresent)
            .Where(s => !history.Any(later => later.Operation is CounterIncrement && later.Event.Id == s.Event.Id && later.Sees(s)))
            .GroupBy(s => (s.Event.Id.Client, s.Event.Id.Number))
            .Select(executions => executions.MinBy(s => s.Event.Name)!);
        return plain.Concat(tagged).Sum(s => ((CounterIncrement)s.Operation).Amount).ToString();
    }

    /// <summary>The elements with an add that no remove of the element has seen.</summary>
    private static string? Set(List<Step> history)
    {
        var elements = new SortedSet<Bytes>();
        foreach (var add in history)
        {
            if (add.Operation is not SetAdd { Elements: var added }) continue;
            foreach (var element in added)
            {
                var isRemoved = history.Any(s => s.Sees(add)
                    && (s.Operation is SetClear or Delete || (s.Operation is SetRemove remove && remove.Elements.Contains(element))));
                if (!isRemoved) elements.Add(element);
            }
        }

        return elements.Count == 0 ? null : string.Join(",", elements);
    }

    /// <summary>The assignments that no later assignment or clearing has seen.</summary>
    private static string? Register(List<Step> history, bool all)
    {
        var live = history.Where(s => s.Operation is RegisterAssign && !history.Any(later => later.Sees(s))).ToList();
        if (live.Count == 0) return null;
        var chosen = all ? live.OrderBy(s => s.Event.Name) : live.OrderByDescending(s => (s.Event.Timestamp, s.Event.Name)).Take(1);
        return string.Join(",", chosen.Select(s => ((RegisterAssign)s.Operation).Value));
    }

    /// <summary>Enabled where some enabling was seen by no disabling.</summary>
    private static string? Flag(List<Step> history) =>
        history.Any(s => s.Operation is FlagEnable && !history.Any(d => d.Operation is FlagDisable or Delete && d.Sees(s))) ? "on" : null;

    /// <summary>Each (field, type) has the history of its own operations; removing a field, or the map, is a deletion in it.</summary>
    private static string? Map(List<Step> history)
    {
        var fields = new SortedDictionary<MapField, List<Step>>();
        foreach (var (name, operation) in history.Select(s => s.Operation).OfType<MapUpdate>().SelectMany(u => u.Fields))
            fields[new MapField(name, operation.Type)] = [];

        foreach (var (field, steps) in fields)
        {
            foreach (var step in history)
            {
                if (step.Operation is Delete || (step.Operation is MapRemove remove && remove.Fields.Contains(field.Name)))
                    steps.Add(new Step(step.Event, new Delete(field.Type)));
                if (step.Operation is not MapUpdate update) continue;
                steps.AddRange(update.Fields.Where(f => f.Field == field.Name && f.Operation.Type == field.Type).Select(f => new Step(step.Event, f.Operation)));
            }
        }

        var visible = fields.Select(f => (f.Key, Value: Value(f.Key.Type, f.Value))).Where(f => f.Value is not null).ToList();
        return visible.Count == 0 ? null : "{" + string.Join("; ", visible.Select(f => $"{f.Key}={f.Value}")) + "}";
    }
}
