using System.Globalization;
using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Pbs;

/// <summary>
/// Whether reads were as stale as the run's own latencies predict: the measured share of reads that see the last write, beside PBS.
/// It holds where the two differ by less than <see cref="Near"/> on average, or by what chance explains.
/// </summary>
public sealed class PbsCheck : IHistoryCheck
{
    /// <summary>How near is near: five reads of a hundred.</summary>
    public const double Near = 0.05;

    /// <inheritdoc/>
    public string Name => "pbs";

    /// <inheritdoc/>
    public string Question => "Are reads as stale as the latencies of the run predict (PBS)?";

    /// <inheritdoc/>
    public bool IsPromised => false;

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var comparisons = PbsComparison.Of(history, stop: stop);
        if (comparisons.Count == 0)
        {
            const string Nothing = "Too few reads followed a write of the same object, or nothing tells how far apart nodes are.";
            return [new Verdict { Check = Name, Judgement = Judgement.NotApplicable, Summary = Nothing }];
        }

        return comparisons.Select(Told);
    }

    private Verdict Told(PbsComparison one)
    {
        var worst = one.Points.MaxBy(static point => Math.Abs(point.Measured - point.Predicted));
        var isNear = one.MeanDifference < Math.Max(Near, 2 * one.Noise);
        var seen = one.Points.Sum(static point => point.Reads * point.Measured) / one.Reads;
        return new Verdict
        {
            Check = $"{Name}: R={one.R} W={one.W}{(one.Phase is null ? "" : $", {one.Phase}")}",
            Judgement = isNear ? Judgement.Holds : Judgement.Fails,
            Summary = string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * seen:0.0} % of {Words.Count(one.Reads, "read")} saw the last write; prediction and measurement differ by"
                    + $" {100 * one.MeanDifference:0.0} points on average ({100 * one.Noise:0.0} by chance alone)."),
            Evidence = isNear ? [] : [new Evidence(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{worst.After:0.0} ms after the ack {100 * worst.Measured:0.0} % saw the write, and"
                        + $" {100 * worst.Predicted:0.0} % were predicted."),
                [])],
            Figures = new Dictionary<string, double>
            {
                ["reads"] = one.Reads,
                ["seen"] = seen,
                ["mean-difference"] = one.MeanDifference,
                ["largest-difference"] = one.LargestDifference,
                ["noise"] = one.Noise,
                ["t99-ms"] = one.Prediction.Visibility(0.99),
                ["t999-ms"] = one.Prediction.Visibility(0.999),
            },
        };
    }
}
