using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// Counters come to what was added, within what calls in doubt allow: nothing counts twice, a retry least of all, and nothing that was
/// refused counts. Every read lies between minus all that was taken so far and all that was added so far; the end within narrower bounds.
/// </summary>
public sealed class CountersCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "counters";

    /// <inheritdoc/>
    public string Question => "Does every counter come to what was added, within what calls in doubt allow, and does nothing count twice?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var promises = new Promises(history);
        var findings = new Findings(Name);
        var (counters, doubt) = (0L, 0L);
        foreach (var key in history.Keys)
        {
            stop.ThrowIfCancellationRequested();
            if (!CounterBounds.IsCounter(key.Type)) continue;
            counters++;
            doubt += key.Changes.Count(static one => !one.IsOk);
            AskReads(history, key, findings);
            AskEnd(history, key, promises, findings);
        }

        findings.Figure("counters", counters);
        findings.Figure("in doubt", doubt);
        return
        [
            findings.Verdict(
                $"{Words.Count(counters, "counter")}: all of {Words.Count(findings.Looked, "value")} lie within what was added and taken"
                    + $" ({Words.Count(doubt, "change")} in doubt).",
                $"{Words.Count(findings.Count, "value")} of {findings.Looked:#,0} cannot be what was added and taken.",
                "There is no counter."),
        ];
    }

    private static void AskEnd(RecordedHistory history, KeyHistory key, Promises promises, Findings findings)
    {
        if (key.Finals.Count == 0) return;
        var bounds = CounterBounds.Of(key, promises);
        foreach (var value in key.Finals.Select(static one => one.Value.Number).Distinct())
        {
            findings.Looked++;
            if (value >= bounds.Least && value <= bounds.Most) continue;
            var nodes = key.Finals.Where(one => one.Value.Number == value).Select(static one => one.Node).ToList();
            findings.Add(
                () => $"{Words.Of(key)}: in the end {Words.Nodes(nodes)} hold{(nodes.Count == 1 ? "s" : "")} {value};"
                    + $" what was acked and what is in doubt come to {Range(bounds.Least, bounds.Most)}.",
                Suspects(key, value > bounds.Most));
        }
    }

    // Where a counter holds too much, what may have counted twice: a change that was tried again, which had a hard time of it.
    private static Operation[] Suspects(KeyHistory key, bool isTooMuch)
    {
        var suspect = isTooMuch
            ? key.Changes.Where(static one => one.Amount > 0).MaxBy(static one => one.IsOk ? one.End - one.Start : one.Start)
            : key.Changes.FindLast(static one => one.IsOk && one.Amount > 0);
        return suspect is null ? [] : [suspect];
    }

    private static void AskReads(RecordedHistory history, KeyHistory key, Findings findings)
    {
        var (added, taken, next) = (0L, 0L, 0);
        foreach (var read in key.Reads.OrderBy(static one => one.End))
        {
            for (; next < key.Changes.Count && key.Changes[next].Start < read.End; next++)
            {
                var amount = key.Changes[next].Amount;
                (added, taken) = (added + Math.Max(0, amount), taken + Math.Max(0, -amount));
            }

            findings.Looked++;
            var value = read.Result.Number;
            if (value >= -taken && value <= added) continue;
            var (least, most) = (-taken, added);
            findings.Add(
                () => $"{Words.Of(key)}: {Words.Of(history, read)}; what had been asked for by then comes to {Range(least, most)}.",
                read);
        }
    }

    private static string Range(long least, long most) => least == most ? $"{least}" : $"{least} to {most}";
}
