using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>Asks one object with the method that suits it.</summary>
/// <param name="history">The history.</param>
/// <param name="budget">How many states the general search may look at.</param>
/// <param name="stop">Gives up.</param>
internal sealed class ObjectSearch(RecordedHistory history, long budget, CancellationToken stop)
{
    private const long ShrinkBudget = 20_000;
    private const int Shown = 6;

    /// <summary>Whether there is a model of the type.</summary>
    public static bool Knows(ObjectType type) =>
        type is ObjectType.Register or ObjectType.Counter or ObjectType.BoundedCounter or ObjectType.Set or ObjectType.Flag;

    /// <summary>Asks whether there is an order.</summary>
    /// <param name="key">The object.</param>
    /// <param name="calls">Its calls.</param>
    public Finding Ask(KeyHistory key, IReadOnlyList<TimedCall> calls)
    {
        if (!calls.Any(static call => call.IsRead)) return Finding.Yes;
        return key.Type switch
        {
            ObjectType.Register when RegisterZones.Applies(calls) => RegisterZones.Check(history, calls),
            ObjectType.Register => Search(calls, new RegisterModel()),
            ObjectType.Counter when GrowingCounter.Applies(calls) => GrowingCounter.Check(history, calls),
            ObjectType.Counter => Search(calls, new CounterModel(isBounded: false)),
            ObjectType.BoundedCounter => Search(calls, new CounterModel(isBounded: true)),
            ObjectType.Flag => Search(calls, new FlagModel()),
            ObjectType.Set when GrowingSet.Applies(calls) => GrowingSet.Check(history, calls),
            _ => AskSet(calls),
        };
    }

    private Finding AskSet(IReadOnlyList<TimedCall> calls)
    {
        var whole = Search(calls, new SetModel());
        if (whole.Answer != Linear.Unknown) return whole;

        // Element by element: what has no order so has none as a whole. The other way round it proves nothing.
        foreach (var element in SetModel.ElementsOf(calls))
        {
            stop.ThrowIfCancellationRequested();
            var about = calls
                .Where(call => call.IsRead || call.Operation.Act == Act.Delete || call.Operation.Argument.Has(element)).ToList();
            var found = Search(about, new ElementModel(element));
            if (found.Answer == Linear.No) return found with { Text = $"of element \"{history.Texts[element]}\": {found.Text}" };
        }

        return Finding.Unknown("the search of the whole set was given up; element by element there is an order");
    }

    private Finding Search(IReadOnlyList<TimedCall> all, ISequentialModel model)
    {
        var calls = Relevant(all);
        var search = new WingGong(model, budget, stop);
        var answer = search.Check(calls);
        if (answer == Linear.Yes) return Finding.Yes;
        if (answer == Linear.Unknown) return Finding.Unknown($"given up after {budget:#,0} states");
        var failed = search.Failed!;
        var window = new Shrinking(fewer => new WingGong(model, ShrinkBudget, stop).Check(fewer, failed.States)).Shrink(failed.Calls);
        var shown = string.Join("; ", window.Take(Shown).Select(one => Words.Of(history, one)));
        var more = window.Count > Shown ? $"; and {window.Count - Shown} more" : "";
        var before = failed.LastChange is not { } last ? ""
            : $"all that came before had ended, the last change being {Words.Of(history, last)}, and had left"
                + $" {string.Join(" or ", failed.States.Take(3).Select(state => model.Show(history.Texts, state)))}; then ";
        return Finding.No(
            $"{before}{shown}{more}: there is no order of these",
            failed.LastChange is null ? window : [failed.LastChange, .. window]);
    }

    // A change that need not take effect matters only where a read ends after it began.
    private static List<TimedCall> Relevant(IReadOnlyList<TimedCall> calls)
    {
        var last = calls.Where(static call => call.IsRead).Max(static call => call.End);
        var shown = new HashSet<Value>(calls.Where(static call => call.IsRead).Select(static call => call.Operation.Result));
        return [.. calls.Where(call => call.IsRequired || (call.Start <= last && Matters(call.Operation, shown)))];
    }

    // A register's value that no read shows need never have been there.
    private static bool Matters(Operation change, HashSet<Value> shown) =>
        change.Key.Type != ObjectType.Register || shown.Contains(change.Act == Act.Delete ? Value.Nothing : change.Argument);
}
