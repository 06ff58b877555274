using System.Globalization;

namespace Gossipdb.Crdt.Causality;

/// <summary>
/// The identity of one replica of one partition during one process lifetime.
/// It is drawn anew at every process start from time and randomness, never from a counter on disk.
/// So a lost, wiped, restored or copied data directory cannot issue a dot again.
/// </summary>
public readonly record struct ReplicaId(ulong Value) : IComparable<ReplicaId>
{
    // Seconds are counted from 2020-01-01, so that 32 bits last until 2156.
    private const long EpochUnixSeconds = 1_577_836_800;

    /// <summary>Makes an id of the second it is drawn in (high 32 bits) and 32 random bits.</summary>
    public static ReplicaId Create(long unixMilliseconds, uint random) =>
        new(((ulong)(uint)((unixMilliseconds / 1000) - EpochUnixSeconds) << 32) | random);

    /// <inheritdoc/>
    public int CompareTo(ReplicaId other) => Value.CompareTo(other.Value);

    /// <summary>Sixteen hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
