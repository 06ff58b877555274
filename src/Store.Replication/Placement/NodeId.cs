using System.Globalization;

namespace Gossipdb.Replication.Placement;

/// <summary>The operator's number for a node: 1, 2, 3, … It stays the same across restarts.</summary>
public readonly record struct NodeId(int Value) : IComparable<NodeId>
{
    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
