using Gossipdb.Client.Connection;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Routing;

/// <summary>Which connections serve which partition, as last learned. Immutable: a change of anything makes a new one.</summary>
internal sealed class RoutingTable
{
    private readonly NodeConnection[] _all;
    private readonly NodeConnection[][] _owners; // by partition, in the order they are to be tried

    public RoutingTable(Wire.ClusterDescription description, NodeConnection[] all)
    {
        Description = description;
        _all = all;
        var unreachable = Unreachable(description);
        _owners = new NodeConnection[description.Owners.Count][];
        for (var i = 0; i < _owners.Length; i++)
            _owners[i] = Connections(description.Owners[i].Nodes, unreachable);
    }

    public Wire.ClusterDescription Description { get; }

    public uint Partitions => Description.Partitions;

    /// <summary>Where to send a call: the first of its partition's owners that is connected, else any node that is.</summary>
    public NodeConnection? Pick(OutboundCall call)
    {
        if (call.Preferred is { IsUp: true } preferred
            && !call.HasTried(preferred)
            && Array.IndexOf(_owners[call.Partition], preferred) >= 0)
        {
            return preferred;
        }
        foreach (var owner in _owners[call.Partition])
        {
            if (owner.IsUp && !call.HasTried(owner))
                return owner;
        }

        var start = (int)(call.Request.Id % (uint)_all.Length);
        for (var i = 0; i < _all.Length; i++)
        {
            var node = _all[(start + i) % _all.Length];
            if (node.IsUp && !call.HasTried(node))
                return node;
        }

        return null;
    }

    /// <summary>Whether an owner of its partition is connected that the call was not tried at.</summary>
    public bool HasAnotherOwner(OutboundCall call) =>
        Array.Exists(_owners[call.Partition], owner => owner.IsUp && !call.HasTried(owner));

    /// <summary>How many owners a partition has that a connection is kept to.</summary>
    public int OwnersOf(uint partition) => _owners[partition].Length;

    /// <summary>A connected owner of a partition: the first one, or, after failures, the next; null where none is connected.</summary>
    public NodeConnection? OwnerOf(uint partition, int failures)
    {
        var owners = _owners[partition];
        for (var i = 0; i < owners.Length; i++)
            if (owners[(int)((uint)(failures + i) % (uint)owners.Length)] is { IsUp: true } owner) return owner;
        return null;
    }

    private NodeConnection[] Connections(IList<uint> owners, HashSet<uint> unreachable)
    {
        var ordered = new List<NodeConnection>(owners.Count);
        foreach (var late in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (var owner in owners)
            {
                if (unreachable.Contains(owner) == late && Array.Find(_all, node => node.NodeId == owner) is { } connection)
                    ordered.Add(connection);
            }
        }

        return [.. ordered];
    }

    // A node that itself reaches no majority is on the small side of a cut: what it calls unreachable may be the better half.
    private static HashSet<uint> Unreachable(Wire.ClusterDescription description)
    {
        var unreachable = new HashSet<uint>();
        foreach (var node in description.Nodes)
        {
            if (!node.Reachable && node.Id != description.Node)
                unreachable.Add(node.Id);
        }

        if (unreachable.Count * 2 >= description.Nodes.Count)
            unreachable.Clear();
        return unreachable;
    }
}
