using Gossipdb.Replication;

namespace Gossipdb.Node;

/// <summary>The layout and which of its nodes are within reach of this one: an immutable picture that <see cref="Actors.ClusterView"/> replaces when either changes.</summary>
internal sealed class Placement(Layout layout, NodeId self, IReadOnlySet<NodeId> reachable)
{
    /// <summary>Who owns what.</summary>
    public Layout Layout { get; } = layout;

    /// <summary>Whether this node hears the other one, and is heard.</summary>
    public bool IsReachable(NodeId node) => node == self || reachable.Contains(node);

    /// <summary>The node that should coordinate a request for the partition: this one where it is an owner, else the first owner within reach.</summary>
    public NodeId? CoordinatorOf(int partition)
    {
        return Layout.Owns(self, partition) ? self : OtherOwnerOf(partition);
    }

    /// <summary>The first owner within reach that is not this node.</summary>
    public NodeId? OtherOwnerOf(int partition)
    {
        foreach (var owner in Layout.Owners(partition))
            if (owner != self && reachable.Contains(owner)) return owner;
        return null;
    }

    /// <summary>The same layout with one node's reachability changed.</summary>
    public Placement With(NodeId node, bool nodeReachable)
    {
        var next = new HashSet<NodeId>(reachable);
        if (nodeReachable) next.Add(node);
        else next.Remove(node);
        return new Placement(Layout, self, next);
    }
}
