namespace Gossipdb.Crdt.Causality;

/// <summary>
/// A hybrid logical timestamp (Kulkarni et al., "Logical Physical Clocks", 2014): Unix milliseconds in the high 48 bits, a logical
/// counter in the low 16. Greater than every timestamp its writer had seen, and close to physical time.
/// </summary>
public readonly record struct HybridTimestamp(long Value) : IComparable<HybridTimestamp>
{
    /// <summary>The physical part, in Unix milliseconds.</summary>
    public long UnixMilliseconds => Value >> 16;

    /// <summary>
    /// The next timestamp of a clock that last saw <paramref name="last"/> and now reads
    /// <paramref name="unixMilliseconds"/>.
    /// </summary>
    public static HybridTimestamp Next(HybridTimestamp last, long unixMilliseconds) =>
        new(Math.Max(last.Value + 1, unixMilliseconds << 16));

    /// <inheritdoc/>
    public int CompareTo(HybridTimestamp other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"{UnixMilliseconds}+{Value & 0xffff}";
}
