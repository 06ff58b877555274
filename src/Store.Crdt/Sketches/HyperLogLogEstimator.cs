namespace Gossipdb.Crdt.Sketches;

/// <summary>
/// From registers to a count: the improved raw estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
/// (2017), algorithm 6. It needs neither the bias tables nor the change to linear counting of Heule et al. (2013).
/// Its relative standard error is 1.04 / sqrt(16384) = 0.81 % at every cardinality up to 2^60, and less below some thousands.
/// </summary>
internal static class HyperLogLogEstimator
{
    private const double AlphaInfinity = 0.72134752044448170368; // 1 / (2 ln 2)

    /// <summary>
    /// How many distinct elements, given how many registers have each rank from 0 to
    /// <see cref="HyperLogLogRanks.MaxRank"/>.
    /// </summary>
    internal static long Estimate(ReadOnlySpan<int> registersOfRank)
    {
        const double m = HyperLogLogRanks.Registers;
        const int last = HyperLogLogRanks.MaxRank;
        var z = m * Tau(1 - (registersOfRank[last] / m));
        for (var rank = last - 1; rank >= 1; rank--) z = 0.5 * (z + registersOfRank[rank]);
        z += m * Sigma(registersOfRank[0] / m);
        var estimate = AlphaInfinity * m * m / z;
        return estimate < long.MaxValue ? (long)Math.Round(estimate) : long.MaxValue;
    }

    private static double Sigma(double x)
    {
        if (x == 1) return double.PositiveInfinity;
        double y = 1, z = x, before;
        do
        {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        }
        while (z != before);

        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1) return 0;
        double y = 1, z = 1 - x, before;
        do
        {
            x = Math.Sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        while (z != before);

        return z / 3;
    }
}
