using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Accounts;

/// <summary>
/// When a change of the accounts was made: a Lamport clock (1978). A change that has seen another one is later; of two that have not, the
/// higher number is, on every node alike.
/// </summary>
/// <param name="Counter">One more than the highest its maker had seen; 0: never.</param>
/// <param name="Node">Where it was made; 0 of what every node makes alike, the first admin.</param>
public readonly record struct Stamp(ulong Counter, NodeId Node) : IComparable<Stamp>
{
    // No clock comes so far by counting: what claims to be later would be the last change ever.
    private const ulong MaxCounter = 1UL << 62;

    /// <summary>The stamp of what every node makes alike when there is nothing yet. Whatever is changed after is later.</summary>
    public static Stamp First { get; } = new(1, default);

    /// <summary>Whether anything was stamped with it.</summary>
    public bool IsSet => Counter > 0;

    /// <summary>The later one.</summary>
    public static Stamp Max(Stamp one, Stamp other) => one.CompareTo(other) >= 0 ? one : other;

    /// <inheritdoc/>
    public int CompareTo(Stamp other) => Counter != other.Counter ? Counter.CompareTo(other.Counter) : Node.CompareTo(other.Node);

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint(Counter);
        writer.WriteVarint((ulong)Node.Value);
    }

    internal static Stamp Decode(ref ByteReader reader)
    {
        var (counter, node) = (reader.ReadVarint(), reader.ReadVarint());
        if (counter > MaxCounter) throw new CorruptDataException($"a stamp of {counter}");
        if (node > int.MaxValue || (counter == 0 && node > 0)) throw new CorruptDataException($"a stamp of node {node}");
        return new Stamp(counter, new NodeId((int)node));
    }
}
