using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Hosting;

/// <summary>What a version of the layout says of one partition.</summary>
/// <param name="Owners">The nodes that should hold the slots.</param>
/// <param name="StandIns">The designated fallback nodes, the first to ask in front; null where there are none.</param>
/// <param name="Lost">The nodes that are lost for good.</param>
/// <param name="IsFirst">True of the version that a cluster is founded with. Its owners hold the slots from the start.</param>
public sealed record PartitionLayout(
    IReadOnlyList<NodeId> Owners, IReadOnlyList<NodeId>? StandIns, IReadOnlyList<LostNode> Lost, bool IsFirst)
{
    /// <summary>What a layout says of a partition.</summary>
    public static PartitionLayout Of(Layout layout, int partition) =>
        new(layout.Owners(partition), layout.StandIns(partition), layout.Lost, layout.Version == 1);

    /// <summary>Whether a node should hold a slot.</summary>
    public bool Owns(NodeId node)
    {
        for (var i = 0; i < Owners.Count; i++)
            if (Owners[i] == node) return true;
        return false;
    }
}
