namespace Gossipdb.Checking.Pbs;

/// <summary>
/// How probably a read sees the last write that was acked before it: predicted by Monte Carlo from delays (WARS), without a store.
/// </summary>
public sealed class PbsPrediction
{
    private readonly double[] _visible; // of each trial: how long after the ack a read may begin and sees the write; ascending
    private readonly double[] _writes;
    private readonly double[] _reads;

    private PbsPrediction(int r, int w, int replicas, double[] visible, double[] writes, double[] reads)
    {
        (R, W, Replicas) = (r, w, replicas);
        Array.Sort(visible);
        Array.Sort(writes);
        Array.Sort(reads);
        (_visible, _writes, _reads) = (visible, writes, reads);
    }

    /// <summary>How many replicas a read waits for.</summary>
    public int R { get; }

    /// <summary>How many acks a write waits for.</summary>
    public int W { get; }

    /// <summary>How many replicas there are (N).</summary>
    public int Replicas { get; }

    /// <summary>Predicts.</summary>
    /// <param name="model">The delays.</param>
    /// <param name="r">How many replicas a read waits for.</param>
    /// <param name="w">How many acks a write waits for.</param>
    /// <param name="trials">How many writes and reads to draw.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="ArgumentOutOfRangeException">R or W is not between 1 and N, or there are no trials.</exception>
    public static PbsPrediction Of(WarsModel model, int r, int w, int trials = 100_000, int seed = 1)
    {
        var n = model.Replicas;
        ArgumentOutOfRangeException.ThrowIfLessThan(r, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(r, n);
        ArgumentOutOfRangeException.ThrowIfLessThan(w, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(w, n);
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        var random = new Random(seed);
        var (visible, writes, reads) = (new double[trials], new double[trials], new double[trials]);
        var (ws, @as, rs, ss) = (new double[n], new double[n], new double[n], new double[n]);
        var (acks, answers, order) = (new double[n], new double[n], new int[n]);
        for (var trial = 0; trial < trials; trial++)
        {
            model.Draw(random, ws, @as, rs, ss);
            for (var i = 0; i < n; i++) (acks[i], answers[i], order[i]) = (ws[i] + @as[i], rs[i] + ss[i], i);
            Array.Sort(acks);
            Array.Sort(answers, order);
            (writes[trial], reads[trial]) = (acks[w - 1], answers[r - 1]);

            // The read that begins t after the ack reaches replica i at ack + t + R; there the write has been since W.
            var first = double.MaxValue;
            for (var i = 0; i < r; i++) first = Math.Min(first, ws[order[i]] - acks[w - 1] - rs[order[i]]);
            visible[trial] = Math.Max(0, first);
        }

        return new PbsPrediction(r, w, n, visible, writes, reads);
    }

    /// <summary>The probability that a read sees the write, that begins so long after its ack. In [0, 1].</summary>
    /// <param name="milliseconds">How long after the ack.</param>
    public double At(double milliseconds)
    {
        var (low, high) = (0, _visible.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_visible[middle] <= milliseconds) low = middle + 1;
            else high = middle;
        }

        return (double)low / _visible.Length;
    }

    /// <summary>How long after the ack (milliseconds) a read must begin to see the write with a probability: t-visibility.</summary>
    /// <param name="probability">In [0, 1].</param>
    public double Visibility(double probability) => Quantile(_visible, probability);

    /// <summary>A quantile of the writes' latency, in milliseconds.</summary>
    public double WriteLatency(double part) => Quantile(_writes, part);

    /// <summary>A quantile of the reads' latency, in milliseconds.</summary>
    public double ReadLatency(double part) => Quantile(_reads, part);

    /// <summary>
    /// The probability that a read returns one of the last k versions (section 3.1), where delays say nothing: each quorum is as good as
    /// any other, and versions are written one after the other. 1 where R + W > N.
    /// </summary>
    /// <param name="n">N.</param>
    /// <param name="r">R.</param>
    /// <param name="w">W.</param>
    /// <param name="versions">k, 1 or more.</param>
    public static double WithinVersions(int n, int r, int w, int versions)
    {
        if (r + w > n) return 1;
        var missed = 1.0; // of C(n, r) read quorums, those that meet none of the w
        for (var i = 0; i < r; i++) missed *= (double)(n - w - i) / (n - i);
        return 1 - Math.Pow(missed, versions);
    }

    private static double Quantile(double[] ascending, double part) =>
        ascending[Math.Clamp((int)Math.Ceiling(part * ascending.Length) - 1, 0, ascending.Length - 1)];
}
