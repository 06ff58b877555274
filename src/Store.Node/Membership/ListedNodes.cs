using System.Collections.Concurrent;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>Which nodes the layout has this node listen to. Any thread.</summary>
internal sealed class ListedNodes(PartitionDirectory partitions, AddressBook addresses, NodeClock clock)
{
    // Who has handed over its last slot is still to hear that it has.
    private const long GraceMs = 30_000;
    private readonly ConcurrentDictionary<NodeId, long> _neededMs = [];

    /// <summary>
    /// Why a node is not listened to; null where it is: one of the layout, and one that was removed from it and may still have something
    /// to hand over, as far as this node knows, or had a moment ago. While slots that this node is to hold are on their way, any removed
    /// node may have one.
    /// </summary>
    public string? WhyNot(NodeId node)
    {
        var layout = partitions.Layout;
        if (layout.IsLost(node)) return $"node {node} was declared lost";
        var isNeeded = layout.Find(node) is not null
            || (addresses.Find(node) is not null && (partitions.MayHoldSomething(node) || !partitions.HasAllSlots));
        if (isNeeded)
        {
            _neededMs[node] = clock.SteadyMs;
            return null;
        }

        return _neededMs.TryGetValue(node, out var neededMs) && clock.SteadyMs - neededMs < GraceMs
            ? null
            : $"node {node} is not in the layout";
    }
}
