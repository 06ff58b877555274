namespace Gossipdb.Checking.Pbs;

/// <summary>
/// How long one way takes, from how long the way there and back takes, where both ways are alike and independent. Half of a round trip
/// has the right mean and too little spread. So the distribution is looked for that, added to itself, gives the round trips: by
/// expectation maximisation on a grid (Dempster, Laird and Rubin, 1977).
/// </summary>
internal static class OneWayDelays
{
    private const int Bins = 48;
    private const int Rounds = 120;
    private const int Draws = 2_000;

    /// <summary>Below this spread (milliseconds) half of a round trip is all that can be told.</summary>
    private const double LeastSpread = 1;

    /// <summary>Samples of one way, in milliseconds.</summary>
    /// <param name="roundTrips">Round trips, in milliseconds; at least one.</param>
    /// <param name="random">Draws the samples.</param>
    public static IReadOnlyList<double> Of(IReadOnlyList<double> roundTrips, Random random)
    {
        var sorted = roundTrips.Order().ToArray();
        var (least, most) = (At(sorted, 0.002), At(sorted, 0.998)); // a stray pause of a process says nothing of the way
        if (most - least < LeastSpread) return [.. sorted.Select(static one => Math.Max(0, one / 2))];

        var width = (most - least) / (2 * (Bins - 1)); // of a bin of one way; two ways have 2 * Bins - 1 of them
        var observed = new double[(2 * Bins) - 1];
        foreach (var one in sorted)
            observed[Math.Clamp((int)Math.Round((one - least) / width), 0, observed.Length - 1)] += 1.0 / sorted.Length;
        var way = Solve(observed);
        var samples = new double[Draws];
        for (var i = 0; i < Draws; i++)
        {
            var (at, bin) = (random.NextDouble(), 0);
            while (bin < Bins - 1 && at >= way[bin]) at -= way[bin++];
            samples[i] = Math.Max(0, (least / 2) + (width * (bin + random.NextDouble() - 0.5)));
        }

        return samples;
    }

    private static double[] Solve(double[] observed)
    {
        var way = new double[Bins];
        Array.Fill(way, 1.0 / Bins);
        for (var round = 0; round < Rounds; round++)
        {
            var ratio = new double[observed.Length];
            for (var sum = 0; sum < observed.Length; sum++)
            {
                var expected = 0.0;
                for (var i = Math.Max(0, sum - Bins + 1); i <= Math.Min(sum, Bins - 1); i++) expected += way[i] * way[sum - i];
                ratio[sum] = expected > 0 ? observed[sum] / expected : 0;
            }

            var next = new double[Bins];
            for (var i = 0; i < Bins; i++)
            {
                for (var j = 0; j < Bins; j++) next[i] += way[i] * way[j] * ratio[i + j];
            }

            way = next;
        }

        return way;
    }

    private static double At(double[] ascending, double part) =>
        ascending[Math.Clamp((int)(part * ascending.Length), 0, ascending.Length - 1)];
}
