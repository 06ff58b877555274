namespace Gossipdb.Checking.Pbs;

/// <summary>
/// How long one way takes, from how long calls take that go there and back, where both ways are alike and independent, and what the calls
/// take besides is known. Half of a round trip has the right mean and too little spread; so the distribution is looked for that, added
/// to itself and to the rest, gives the calls: by expectation maximisation on a grid (Dempster, Laird and Rubin, 1977).
/// </summary>
internal static class OneWayDelays
{
    private const int Bins = 48;
    private const int MostRest = 4 * Bins;
    private const int Rounds = 120;
    private const int Draws = 2_000;

    /// <summary>Below this spread (milliseconds) half of a round trip is all that can be told.</summary>
    private const double LeastSpread = 1;

    /// <summary>Samples of one way, in milliseconds.</summary>
    /// <param name="calls">Calls that went there and back, in milliseconds; at least one.</param>
    /// <param name="rests">Calls that went nowhere, in milliseconds: what the others take besides; at least one.</param>
    /// <param name="random">Draws the samples.</param>
    public static IReadOnlyList<double> Of(IReadOnlyList<double> calls, IReadOnlyList<double> rests, Random random)
    {
        var (called, rested) = (calls.Order().ToArray(), rests.Order().ToArray());
        var quick = At(rested, 0.01);
        var (least, most) = (Math.Max(0, At(called, 0.01) - quick), At(called, 0.99) - quick); // a stray pause tells nothing of the way
        if (most - least < LeastSpread) return [.. called.Select(one => Math.Max(0, (one - At(rested, 0.5)) / 2))];

        var width = (most - least) / (2 * (Bins - 1)); // of a bin of one way
        var rest = Binned(rested, quick, width, Math.Clamp((int)Math.Round((rested[^1] - quick) / width) + 1, 1, MostRest));
        var observed = Binned(called, least + quick, width, (2 * Bins) + rest.Length - 2);
        var way = Solve(observed, rest, Halves(called, least + quick, width));
        var samples = new double[Draws];
        for (var i = 0; i < Draws; i++)
        {
            var (at, bin) = (random.NextDouble(), 0);
            while (bin < Bins - 1 && at >= way[bin]) at -= way[bin++];
            samples[i] = Math.Max(0, (least / 2) + (width * (bin + random.NextDouble() - 0.5)));
        }

        return samples;
    }

    private static double[] Binned(double[] values, double least, double width, int count)
    {
        var bins = new double[count];
        foreach (var value in values) bins[Math.Clamp((int)Math.Round((value - least) / width), 0, count - 1)] += 1.0 / values.Length;
        return bins;
    }

    // Where the search begins: near to where it is to end. (A slow way there and a fast one back would make the same round trips.)
    private static double[] Halves(double[] calls, double least, double width)
    {
        var way = new double[Bins];
        Array.Fill(way, 0.01 / Bins);
        foreach (var one in calls) way[Math.Clamp((int)Math.Round((one - least) / 2 / width), 0, Bins - 1)] += 0.99 / calls.Length;
        return way;
    }

    private static double[] Solve(double[] observed, double[] rest, double[] way)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var other = Sum(rest, way); // all but the one way that is looked at
            var expected = Sum(other, way);
            var next = new double[Bins];
            for (var i = 0; i < Bins; i++)
            {
                for (var j = 0; j < other.Length; j++)
                {
                    if (expected[i + j] > 0) next[i] += way[i] * other[j] * observed[i + j] / expected[i + j];
                }
            }

            var sum = next.Sum();
            way = sum > 0 ? [.. next.Select(one => one / sum)] : way;
        }

        return way;
    }

    private static double[] Sum(double[] one, double[] other)
    {
        var sum = new double[one.Length + other.Length - 1];
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] == 0) continue;
            for (var j = 0; j < other.Length; j++) sum[i + j] += one[i] * other[j];
        }

        return sum;
    }

    private static double At(double[] ascending, double part) =>
        ascending[Math.Clamp((int)(part * ascending.Length), 0, ascending.Length - 1)];
}
