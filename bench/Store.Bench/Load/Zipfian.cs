namespace Gossipdb.Bench.Load;

/// <summary>
/// Draws keys as YCSB does: the rank k has a probability proportional to 1/k^0.99, and a hash scatters the ranks over the keys, so that
/// the popular ones are no neighbours. Gray et al., "Quickly Generating Billion-Record Synthetic Databases", SIGMOD 1994; the constant
/// and the scattering are those of YCSB's <c>ScrambledZipfianGenerator</c>.
/// </summary>
internal sealed class Zipfian
{
    /// <summary>YCSB's constant.</summary>
    public const double Theta = 0.99;

    private const double Alpha = 1 / (1 - Theta);

    private readonly int _keys;
    private readonly double _zeta;
    private readonly double _eta;

    /// <param name="keys">How many keys; at least one.</param>
    public Zipfian(int keys)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keys, 1);
        _keys = keys;
        for (var rank = 1; rank <= keys; rank++) _zeta += 1 / Math.Pow(rank, Theta);
        var first = 1 + Math.Pow(0.5, Theta);
        _eta = (1 - Math.Pow(2.0 / keys, 1 - Theta)) / (1 - (first / _zeta));
    }

    /// <summary>The share of all draws that goes to the most popular key.</summary>
    public double ShareOfFirst => 1 / _zeta;

    /// <summary>A rank, from 0 for the most popular key up.</summary>
    public int NextRank(Random random)
    {
        var uniform = random.NextDouble();
        var weighted = uniform * _zeta;
        if (weighted < 1 || _keys == 1) return 0;
        if (weighted < 1 + Math.Pow(0.5, Theta)) return 1;
        return Math.Min(_keys - 1, (int)(_keys * Math.Pow((_eta * uniform) - _eta + 1, Alpha)));
    }

    /// <summary>A key, from 0 up.</summary>
    public int NextKey(Random random) => (int)(Scatter((ulong)NextRank(random)) % (ulong)_keys);

    // FNV-1a over the eight bytes, as YCSB's Utils.hash64.
    private static ulong Scatter(ulong rank)
    {
        var hash = 0xCBF29CE484222325UL;
        for (var i = 0; i < 8; i++, rank >>= 8) hash = (hash ^ (rank & 0xFF)) * 0x100000001B3UL;
        return hash;
    }
}
