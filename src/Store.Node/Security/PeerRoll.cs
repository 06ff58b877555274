using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>
/// Whom this node listens to as a node, and where each is reached. Who proves that it is a node is listened to only while it stands here.
/// What it goes by is known to parts above, which say it. Any thread.
/// </summary>
internal sealed class PeerRoll
{
    /// <summary>Why a node is not listened to, in a few words; null where it is.</summary>
    public Func<NodeId, string?> WhyNot { get; set; } = static _ => null;

    /// <summary>The node that listens for Akka at a host and port; null where there is none.</summary>
    public Func<string, int, NodeId?> At { get; set; } = static (_, _) => null;

    /// <summary>Host and port at which a node listens for Akka; null of a node never heard of.</summary>
    public Func<NodeId, (string Host, int Port)?> AddressOf { get; set; } = static _ => null;
}
