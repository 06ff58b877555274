using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Links;

/// <summary>What all links of a node need of it.</summary>
internal sealed class LinkEnvironment
{
    public required NodeSettings Settings { get; init; }

    public required NodeClock Clock { get; init; }

    /// <summary>What is wrong with the links, for an experiment.</summary>
    public required NodeFaults Faults { get; init; }

    public required NodeHealth Health { get; init; }

    /// <summary>Tells whoever looks after the cluster that a link has changed. Never blocks.</summary>
    public required Action<LinkState> Tell { get; init; }

    /// <summary>Whether this node is a member of the Akka cluster.</summary>
    public required Func<bool> IsMember { get; init; }

    /// <summary>Whether nobody talks to a node any more: it was declared lost, or removed and has nothing left to hand over.</summary>
    public required Func<NodeId, bool> IsLost { get; init; }

    /// <summary>
    /// Whether what was handled may be confirmed. While it may not, the windows of the other ends fill, and they take less from their
    /// clients.
    /// </summary>
    public required Func<bool> MayConfirm { get; init; }

    /// <summary>Handles a message that arrived for a partition, and what of it is traced, within the thread's turn.</summary>
    public required Action<int, NodeId, PeerMessage, IReadOnlyList<TraceMark>?> Deliver { get; init; }

    /// <summary>Takes a frame that is for no partition: a forwarded request or its answer.</summary>
    public required Action<ulong, byte[], NodeId> TakeFrame { get; init; }

    public required ILogger Logger { get; init; }
}
