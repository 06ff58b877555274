using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>How a link is, for an operator.</summary>
internal sealed record LinkStatus
{
    /// <summary>The node at the other end.</summary>
    public required NodeId Node { get; init; }

    public required bool Reachable { get; init; }

    /// <summary>-1 of a node never heard.</summary>
    public required long LastHeardMsAgo { get; init; }

    public required long BytesSent { get; init; }

    public required long BytesReceived { get; init; }

    public required long MessagesDropped { get; init; }

    /// <summary>Whether the other node's journal takes no writes.</summary>
    public required bool RefusingWrites { get; init; }

    /// <summary>Bytes that wait for the window.</summary>
    public required long WaitingBytes { get; init; }

    public required long MaxWaitingBytes { get; init; }

    /// <summary>Bytes sent that the other end has not done with.</summary>
    public required long UnconfirmedBytes { get; init; }

    public required long WindowBytes { get; init; }

    /// <summary>Bytes that arrived and are not handled yet.</summary>
    public required long UnhandledBytes { get; init; }

    /// <summary>Bytes under way that a fault delays.</summary>
    public long DelayedBytes { get; init; }

    public long MaxDelayedBytes { get; init; }

    /// <summary>How far the other node's clock is ahead of this one's, and how far that may be off; null where it is not known.</summary>
    public (long AheadMs, long UncertaintyMs)? Clock { get; init; }

    /// <summary>How long the way there and back takes, as heartbeats of late have shown; null where it is not known.</summary>
    public long? RoundTripMs { get; init; }
}
