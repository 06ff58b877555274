using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>Which nodes the layout has this node listen to.</summary>
internal static class ListedNodes
{
    /// <summary>
    /// Why a node is not listened to; null where it is: one of the layout, and one that was removed from it and still has something to
    /// hand over, as far as this node knows.
    /// </summary>
    public static string? WhyNot(PartitionDirectory partitions, NodeId node)
    {
        var layout = partitions.Layout;
        if (layout.IsLost(node)) return $"node {node} was declared lost";
        return layout.Find(node) is not null || partitions.MayHoldSomething(node) ? null : $"node {node} is not in the layout";
    }
}
