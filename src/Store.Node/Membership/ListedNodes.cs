using Gossipdb.Node.Links;
using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>Which nodes the layout has this node listen to.</summary>
internal static class ListedNodes
{
    /// <summary>
    /// Why a node is not listened to; null where it is: one of the layout, and one that was removed from it and may still have something
    /// to hand over, as far as this node knows. While slots that this node is to hold are on their way, any removed node may have one.
    /// </summary>
    public static string? WhyNot(PartitionDirectory partitions, AddressBook addresses, NodeId node)
    {
        var layout = partitions.Layout;
        if (layout.IsLost(node)) return $"node {node} was declared lost";
        if (layout.Find(node) is not null) return null;
        var isNeeded = addresses.Find(node) is not null && (partitions.MayHoldSomething(node) || !partitions.HasAllSlots);
        return isNeeded ? null : $"node {node} is not in the layout";
    }
}
