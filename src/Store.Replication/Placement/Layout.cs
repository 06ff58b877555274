namespace Gossipdb.Replication;

/// <summary>
/// Which nodes hold what: an immutable value that every node computes the same preference lists from. The owners of partition p are the
/// N nodes that follow p around the ring of node ids, so every node owns the same number of partitions within one and is
/// first in line for the same number within one.
/// </summary>
public sealed class Layout
{
    private readonly NodeId[] _nodes;
    private readonly NodeId[][] _owners;

    /// <summary>A layout of the given version. Nodes are sorted; more replicas than nodes are cut to the number of nodes.</summary>
    /// <exception cref="ArgumentException">No nodes, a node twice, fewer than one partition or replica.</exception>
    public Layout(long version, int partitions, int replication, IReadOnlyList<NodeId> nodes)
    {
        if (nodes.Count == 0) throw new ArgumentException("a layout needs at least one node");
        if (partitions < 1) throw new ArgumentException("a layout needs at least one partition");
        if (replication < 1) throw new ArgumentException("a layout needs at least one replica");
        Version = version;
        Partitions = partitions;
        _nodes = [.. nodes];
        Array.Sort(_nodes);
        for (var i = 1; i < _nodes.Length; i++)
            if (_nodes[i] == _nodes[i - 1]) throw new ArgumentException($"node {_nodes[i]} is listed twice");
        Replication = Math.Min(replication, _nodes.Length);
        _owners = new NodeId[partitions][];
        for (var partition = 0; partition < partitions; partition++)
        {
            var list = new NodeId[Replication];
            for (var slot = 0; slot < list.Length; slot++) list[slot] = _nodes[(partition + slot) % _nodes.Length];
            _owners[partition] = list;
        }
    }

    /// <summary>Rises with every change of the layout.</summary>
    public long Version { get; }

    /// <summary>P, fixed for the life of the cluster.</summary>
    public int Partitions { get; }

    /// <summary>N, the number of replicas of each partition.</summary>
    public int Replication { get; }

    /// <summary>Every node, in ascending order.</summary>
    public IReadOnlyList<NodeId> Nodes => _nodes;

    /// <summary>The preference list of a partition: its owners, the preferred coordinator first.</summary>
    public IReadOnlyList<NodeId> Owners(int partition) => _owners[partition];

    /// <summary>The designated stand-ins of a partition, in their order: the next N nodes after its owners, as far as there are others.</summary>
    public IReadOnlyList<NodeId> StandIns(int partition)
    {
        var standIns = new NodeId[Math.Min(Replication, _nodes.Length - Replication)];
        for (var i = 0; i < standIns.Length; i++) standIns[i] = _nodes[(partition + Replication + i) % _nodes.Length];
        return standIns;
    }

    /// <summary>True where the node is a designated stand-in of the partition.</summary>
    public bool StandsIn(NodeId node, int partition)
    {
        foreach (var standIn in StandIns(partition))
            if (standIn == node) return true;
        return false;
    }

    /// <summary>True where the node owns the partition.</summary>
    public bool Owns(NodeId node, int partition) => Array.IndexOf(_owners[partition], node) >= 0;

    /// <summary>True where both place every partition on the same nodes.</summary>
    public bool PlacesLike(Layout other) =>
        Partitions == other.Partitions && Replication == other.Replication && _nodes.AsSpan().SequenceEqual(other._nodes);
}
