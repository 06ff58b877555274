using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// Batches are seen whole or not at all. A read of several objects at once, or a node's states in the end, shows all that a batch wrote or
/// nothing of it, where that can be told: of sets' elements that were added once, of registers' values that were written once, and of
/// counters that only batches change, always by amounts of one proportion.
/// </summary>
public sealed class BatchesCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "batches";

    /// <inheritdoc/>
    public string Question => "Is every batch seen whole or not at all?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var findings = new Findings(Name);
        var index = new BatchIndex(history);
        foreach (var read in history.Batches.Where(static one => one.Parts[0].IsRead && one.Parts[0].IsOk))
        {
            stop.ThrowIfCancellationRequested();
            var values = new Dictionary<KeyHistory, Value>(ReferenceEqualityComparer.Instance);
            foreach (var part in read.Parts.Where(static part => part.IsRead)) values[part.Key] = part.Result;
            Ask(history, index, values, Words.Of(history, read.Parts[0]), read.Parts[0].End, [read.Parts[0]], findings);
        }

        foreach (var node in history.Keys.SelectMany(static key => key.Finals).Select(static one => one.Node).Distinct().Order())
        {
            var values = new Dictionary<KeyHistory, Value>(ReferenceEqualityComparer.Instance);
            foreach (var key in index.Keys)
                foreach (var final in key.Finals.Where(one => one.Node == node)) values[key] = final.Value;
            Ask(history, index, values, $"in the end node {node}", Operation.Never, [], findings);
        }

        findings.Figure("batches", index.Writes);
        findings.Figure("torn", findings.Count);
        return
        [
            findings.Verdict(
                $"{Words.Count(index.Writes, "batch", "batches")}, looked at {findings.Looked:#,0} times: seen whole or not at all.",
                $"{Words.Count(findings.Count, "time")} of {findings.Looked:#,0}, a part of a batch was seen without the rest.",
                "There is no batch whose parts were read together."),
        ];
    }

    private static void Ask(
        RecordedHistory history, BatchIndex index, Dictionary<KeyHistory, Value> values, string who, long before, Operation[] reads,
        Findings findings)
    {
        var seen = new Dictionary<BatchCall, Operation>(ReferenceEqualityComparer.Instance);
        foreach (var (key, value) in values)
            foreach (var part in index.Shown(key, value)) seen.TryAdd(part.Batch!, part);
        foreach (var (batch, shown) in seen)
        {
            var others = batch.Parts.FindAll(part => part != shown && values.ContainsKey(part.Key));
            if (others.Count == 0) continue;
            findings.Looked++;
            if (others.Find(part => index.IsMissing(part, values[part.Key], before)) is not { } missing) continue;
            findings.Add(
                () => $"batch {Words.Of(history, shown)} in {Words.Of(shown.Key)},"
                    + $" and in {Words.Of(missing.Key)} it {Act(history, missing)};"
                    + $" {who} shows the first, and of the second {history.Texts.Show(values[missing.Key])}.",
                [shown, .. reads]);
        }

        foreach (var (one, other, by, against) in index.Proportions)
        {
            if (!values.TryGetValue(one, out var first) || !values.TryGetValue(other, out var second)) continue;
            findings.Looked++;
            if (first.Number * against == second.Number * by) continue;
            findings.Add(
                () => $"batches change {Words.Of(one)} by {by} whenever {Words.Of(other)} by {against};"
                    + $" {who} shows {first.Number} and {second.Number}.",
                reads);
        }
    }

    private static string Act(RecordedHistory history, Operation part)
    {
        var words = Words.Of(history, part);
        return words[(words.LastIndexOf(')') + 2)..];
    }
}
