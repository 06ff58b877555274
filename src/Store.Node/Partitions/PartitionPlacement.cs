using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// The layout and which nodes are within reach of this one: an immutable picture that the cluster view replaces when either changes.
/// </summary>
/// <param name="layout">Who is to own what.</param>
/// <param name="self">This node.</param>
/// <param name="reachable">The nodes it hears.</param>
/// <param name="holders">Who holds each partition's slots, where this node knows: shared, and changed by the partitions.</param>
/// <param name="refusing">The nodes whose journals take no writes, as their links say.</param>
internal sealed class PartitionPlacement(
    Layout layout, NodeId self, IReadOnlySet<NodeId> reachable, NodeId[]?[] holders, IReadOnlySet<NodeId>? refusing = null)
{
    /// <summary>Who is to own what.</summary>
    public Layout Layout { get; } = layout;

    /// <summary>Whether this node hears the other one, and is heard.</summary>
    public bool IsReachable(NodeId node) => node == self || reachable.Contains(node);

    /// <summary>Whether another node's journal takes writes, as far as its link says.</summary>
    public bool TakesWrites(NodeId node) => refusing?.Contains(node) != true;

    /// <summary>The holders of a partition's slots by slot, as far as this node knows; else who is to own it.</summary>
    public IReadOnlyList<NodeId> HoldersOf(int partition) => holders[partition] ?? Layout.Owners(partition);

    /// <summary>Whom to try for a partition, one after the other: who holds it, in the layout's order, and then who is to.</summary>
    public IReadOnlyList<NodeId> PreferenceList(int partition)
    {
        var owners = Layout.Owners(partition);
        if (holders[partition] is not { } present) return owners;
        var list = new List<NodeId>(owners.Count + 1);
        foreach (var owner in owners)
            if (Array.IndexOf(present, owner) >= 0) list.Add(owner);
        foreach (var holder in present)
            if (!list.Contains(holder)) list.Add(holder);
        foreach (var owner in owners)
            if (!list.Contains(owner)) list.Add(owner);
        return list;
    }

    /// <summary>
    /// The first node within reach that should coordinate a request for the partition and is not this one. One whose journal takes no
    /// writes is asked for one last: it says why it refuses.
    /// </summary>
    public NodeId? OtherOwnerOf(int partition, bool isWrite)
    {
        NodeId? last = null;
        foreach (var node in PreferenceList(partition))
        {
            if (node == self || !reachable.Contains(node)) continue;
            if (!isWrite || TakesWrites(node)) return node;
            last ??= node;
        }

        return last;
    }

    /// <summary>
    /// The first node within reach, perhaps this one, that may coordinate sloppy requests in place of the owners; for writes as above.
    /// </summary>
    public NodeId? FallbackFor(int partition, bool isWrite)
    {
        NodeId? last = null;
        var standIns = Layout.StandIns(partition);
        for (var i = 0; i < Math.Min(standIns.Count, Layout.Replication); i++)
        {
            if (!IsReachable(standIns[i])) continue;
            if (!isWrite || TakesWrites(standIns[i])) return standIns[i];
            last ??= standIns[i];
        }

        return last;
    }

    /// <summary>The same layout with one node's reachability changed.</summary>
    public PartitionPlacement With(NodeId node, bool nodeReachable)
    {
        var next = new HashSet<NodeId>(reachable);
        if (nodeReachable) next.Add(node);
        else next.Remove(node);
        return new PartitionPlacement(Layout, self, next, holders, refusing);
    }

    /// <summary>The same with what another node's link says of its journal.</summary>
    public PartitionPlacement WithJournal(NodeId node, bool takesWrites)
    {
        var next = new HashSet<NodeId>(refusing ?? new HashSet<NodeId>());
        if (takesWrites) next.Remove(node);
        else next.Add(node);
        return new PartitionPlacement(Layout, self, reachable, holders, next);
    }

    /// <summary>Another layout with the same reachability.</summary>
    public PartitionPlacement With(Layout other) => new(other, self, reachable, holders, refusing);
}
