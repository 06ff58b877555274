using Akka.Actor;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Links;

/// <summary>What all links of a node need of it.</summary>
internal sealed class LinkEnvironment
{
    public required NodeSettings Settings { get; init; }

    public required NodeClock Clock { get; init; }

    public required NodeHealth Health { get; init; }

    /// <summary>Told a <see cref="LinkState"/> whenever one changes.</summary>
    public required IActorRef View { get; init; }

    /// <summary>Whether this node is a member of the Akka cluster.</summary>
    public required Func<bool> IsMember { get; init; }

    /// <summary>
    /// Whether what was handled may be confirmed. While it may not, the windows of the other ends fill, and they take less from their
    /// clients.
    /// </summary>
    public required Func<bool> MayConfirm { get; init; }

    /// <summary>Who takes a message that arrived for a partition; null where nobody does.</summary>
    public required Func<int, PeerMessage, IActorRef?> TakerOf { get; init; }

    /// <summary>Takes a frame that is for no partition: a forwarded request or its answer.</summary>
    public required Action<ulong, byte[], NodeId> TakeFrame { get; init; }

    public required ILogger Logger { get; init; }
}
