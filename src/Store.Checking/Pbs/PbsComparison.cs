using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Pbs;

/// <summary>A point of the two curves.</summary>
/// <param name="After">How long after the ack the reads began on average, in milliseconds.</param>
/// <param name="Measured">The share of them that saw the write. In [0, 1].</param>
/// <param name="Predicted">The share that was predicted. In [0, 1].</param>
/// <param name="Reads">How many reads there were.</param>
public readonly record struct PbsPoint(double After, double Measured, double Predicted, int Reads);

/// <summary>
/// The staleness that a run measured beside the one that its own latencies predict (t-visibility), for one pair of levels.
/// </summary>
public sealed class PbsComparison
{
    /// <summary>Fewer reads than this tell nothing.</summary>
    public const int LeastReads = 100;

    private const int MostPoints = 20;
    private const int ReadsAPoint = 50;

    private PbsComparison(string? phase, int r, int w, PbsPrediction prediction, List<PbsPoint> points)
    {
        (Phase, R, W, Prediction, Points) = (phase, r, w, prediction, points);
        Reads = points.Sum(static point => point.Reads);
        MeanDifference = points.Sum(static point => point.Reads * Math.Abs(point.Measured - point.Predicted)) / Reads;
        LargestDifference = points.Max(static point => Math.Abs(point.Measured - point.Predicted));
        Noise = points.Sum(static point => Math.Sqrt(point.Reads * point.Predicted * (1 - point.Predicted) * 2 / Math.PI)) / Reads;
    }

    /// <summary>The phase of the run; null of a run without phases.</summary>
    public string? Phase { get; }

    /// <summary>How many replicas the reads asked.</summary>
    public int R { get; }

    /// <summary>How many acks the writes waited for.</summary>
    public int W { get; }

    /// <summary>What was predicted.</summary>
    public PbsPrediction Prediction { get; }

    /// <summary>The points, by time.</summary>
    public IReadOnlyList<PbsPoint> Points { get; }

    /// <summary>How many reads there were.</summary>
    public int Reads { get; }

    /// <summary>By how much the two differ on average. In [0, 1].</summary>
    public double MeanDifference { get; }

    /// <summary>By how much they differ where they differ most. In [0, 1].</summary>
    public double LargestDifference { get; }

    /// <summary>By how much they would differ on average by chance alone, were the prediction exact. In [0, 1].</summary>
    public double Noise { get; }

    /// <summary>
    /// The comparisons that a history allows: for each pair of levels with enough reads between two changes of phase or of faults.
    /// </summary>
    /// <param name="history">The history.</param>
    /// <param name="trials">How many draws each prediction takes.</param>
    /// <param name="stop">Gives up.</param>
    public static IReadOnlyList<PbsComparison> Of(RecordedHistory history, int trials = 50_000, CancellationToken stop = default)
    {
        var comparisons = new List<PbsComparison>();
        foreach (var (name, from, until) in Windows(history))
        {
            var probes = PbsProbes.Of(history, from, until).ToList();
            var pairs = probes.GroupBy(one => (R: Count(one.Read), W: Count(one.Write)))
                .Where(static pair => pair.Key is { R: > 0, W: > 0 } && pair.Count() >= LeastReads).OrderBy(static pair => pair.Key);
            foreach (var pair in pairs)
            {
                stop.ThrowIfCancellationRequested();
                List<PbsProbe> reads = [.. pair.OrderBy(static one => one.After)];
                if (MeasuredDelays.Of(history, reads, from, until) is not { } delays) continue;
                if (pair.Key.R > delays.Replicas || pair.Key.W > delays.Replicas) continue;
                var prediction = PbsPrediction.Of(delays, pair.Key.R, pair.Key.W, trials);
                comparisons.Add(new PbsComparison(name, pair.Key.R, pair.Key.W, prediction, Compare(reads, prediction)));
            }
        }

        return comparisons;

        int Count(Operation call) => call.Level?.Count(history.Replication) ?? 0;
    }

    private static List<PbsPoint> Compare(List<PbsProbe> reads, PbsPrediction prediction)
    {
        var count = Math.Clamp(reads.Count / ReadsAPoint, 1, MostPoints);
        var points = new List<PbsPoint>();
        for (var i = 0; i < count; i++)
        {
            var group = reads[(i * reads.Count / count)..((i + 1) * reads.Count / count)];
            points.Add(new PbsPoint(
                group.Average(static one => one.After),
                group.Average(static one => one.IsSeen ? 1.0 : 0),
                group.Average(one => prediction.At(one.After)),
                group.Count));
        }

        return points;
    }

    // From one phase or fault to the next: between them nothing changes on purpose.
    private static IEnumerable<(string? Name, long From, long Until)> Windows(RecordedHistory history)
    {
        List<(long At, long Since, string? Name)> turns =
        [
            (0, 0, null),
            .. history.Phases.Select(static one => (one.At, one.At, (string?)one.Name)),
            .. history.Faults.Select(static one => (one.At, one.InForce ?? one.At, (string?)null)),
        ];
        turns = [.. turns.OrderBy(static one => one.At)];
        var (name, since) = ((string?)null, 0L);
        for (var i = 0; i < turns.Count; i++)
        {
            name = turns[i].Name ?? name;
            var until = i + 1 < turns.Count ? turns[i + 1].At : long.MaxValue;
            since = Math.Max(since, turns[i].Since);
            var calm = Math.Max(since, CalmSince(history, turns[i].At));
            if (calm < until) yield return (name, calm, until);
        }
    }

    // Latencies predict nothing while messages do not arrive at all, nor while what was missed is caught up on.
    private static long CalmSince(RecordedHistory history, long instant)
    {
        var last = history.Faults.Where(one => one.At <= instant && !OnlyDelays(one.Fault)).MaxBy(static one => one.At);
        if (last is null) return 0;
        return history.Converged.Where(one => one.At >= last.At).Select(static one => one.At).DefaultIfEmpty(long.MaxValue).Min();
    }

    private static bool OnlyDelays(string fault)
    {
        var words = fault.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["link", ..] && !words.Any(static word => word is "--loss" or "--every" or "--for");
    }
}
