namespace Gossipdb.Lab.Running;

/// <summary>
/// Random numbers that are the same for a seed in every version of the runtime: SplitMix64 (Steele, Lea, Flood: "Fast Splittable
/// Pseudorandom Number Generators", 2014).
/// </summary>
internal sealed class Draws(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Draws of their own for a part of a run, named by numbers.</summary>
    public static Draws Of(ulong seed, params ReadOnlySpan<int> path)
    {
        var draws = new Draws(seed);
        foreach (var step in path) draws = new Draws(draws.Next() ^ Mix((ulong)step + 1));
        return draws;
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1).</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
