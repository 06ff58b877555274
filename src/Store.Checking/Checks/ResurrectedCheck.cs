using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// Nothing that was deleted comes back. An element that every add of it had been seen by an acked removal (see <see cref="Sight"/>) is not
/// there in the end, nor at a replica that had acked the removal, nor for the session that made it. The same of a flag that was disabled,
/// of values of registers and of counters that were deleted or reset.
/// </summary>
public sealed class ResurrectedCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "resurrected";

    /// <inheritdoc/>
    public string Question => "Does anything come back that was removed, disabled, reset or deleted by somebody who had seen it?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var sight = new Sight(history, new Promises(history));
        var findings = new Findings(Name);
        foreach (var key in history.Keys)
        {
            stop.ThrowIfCancellationRequested();
            if (ElementView.Of(key) is { } view) AskElements(history, view, sight, findings);
            else if (key.Type != ObjectType.Other) AskWhole(history, key, sight, findings);
        }

        findings.Figure("resurrected", findings.Count);
        return
        [
            findings.Verdict(
                $"None of {Words.Count(findings.Looked, "removal")} that had seen all they removed was undone.",
                $"{Words.Count(findings.Count, "thing")} came back after {(findings.Count == 1 ? "it was" : "they were")} removed.",
                "Nothing was removed by anybody who had certainly seen it."),
        ];
    }

    private static void AskElements(RecordedHistory history, ElementView view, Sight sight, Findings findings)
    {
        var key = view.Key;
        foreach (var (element, adds) in view.Adds)
        {
            var removal = view.Takers(element).All.FirstOrDefault(
                one => one.IsOk && one.Act != Act.Write && adds.TrueForAll(add => sight.IsSeen(add, one)));
            if (removal is null) continue;
            findings.Looked++;
            var name = ElementView.Show(history, element);
            Undone(
                history, key, sight, findings, adds[^1], removal,
                value => view.Shown(value).BinarySearch(element) >= 0,
                $"every adding of {name} had been seen by then");
        }
    }

    private static void AskWhole(RecordedHistory history, KeyHistory key, Sight sight, Findings findings)
    {
        var removal = key.Changes.FindLast(static one => one.IsOk && one.Act is Act.Delete or Act.Reset);
        if (removal is null || !removal.IsOk) return;
        var changes = key.Changes.FindAll(static one => one.Act is not (Act.Delete or Act.Reset));
        if (changes.Count == 0 || !changes.TrueForAll(one => sight.IsSeen(one, removal))) return;
        findings.Looked++;
        Undone(
            history, key, sight, findings, changes[^1], removal,
            value => key.Type == ObjectType.Register ? !value.IsNothing : value.Number != 0,
            "every change had been seen by then");
    }

    private static void Undone(
        RecordedHistory history, KeyHistory key, Sight sight, Findings findings, Operation add, Operation removal, Predicate<Value> shows,
        string seen)
    {
        var read = key.Reads.Find(one => one.Start > removal.End && shows(one.Result) && sight.IsSeen(removal, one));
        if (read is not null)
        {
            findings.Add(
                () => $"{Words.Of(key)}: {Words.Of(history, add)}; {Words.Of(history, removal)}, and {seen};"
                    + $" yet {Words.Of(history, read)}.",
                add, removal, read);
        }
        else if (key.Finals.Exists(one => shows(one.Value)))
        {
            findings.Add(
                () => $"{Words.Of(key)}: {Words.Of(history, add)}; {Words.Of(history, removal)}, and {seen};"
                    + $" in the end the nodes hold {Words.Finals(history, key)}.",
                add, removal);
        }
    }
}
