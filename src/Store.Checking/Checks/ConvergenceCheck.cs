using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// Once the last fault is mended and nobody writes, all replicas come to hold the same; how long it took, where the history says when.
/// </summary>
public sealed class ConvergenceCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "convergence";

    /// <inheritdoc/>
    public string Question => "Do all nodes hold the same in the end, and how long did that take after the last fault was mended?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var findings = new Findings(Name);
        foreach (var key in history.Keys)
        {
            if (key.Finals.Count < 2) continue;
            findings.Looked++;
            if (key.Final is not null) continue;
            findings.Add(() => $"{Words.Of(key)}: in the end {Words.Finals(history, key)}.");
        }

        var took = "";
        if (history.Converged.Count > 0)
        {
            var longest = history.Converged.Max(static one => one.At - one.Since);
            findings.Figure("seconds", longest / 1e6);
            took = $", {Words.Span(longest)} after the last fault was mended";
            findings.Looked++;
        }

        findings.Figure("differing", findings.Count);
        return
        [
            findings.Verdict(
                $"All replicas hold the same in the end{took}.",
                $"{Words.Count(findings.Count, "object")} of {findings.Looked:#,0} differ from node to node in the end.",
                "The history says neither what several nodes held in the end nor when they held the same."),
        ];
    }
}
