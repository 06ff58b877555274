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

    /// <summary>Whether a node was declared lost.</summary>
    public Func<NodeId, bool> IsLost { get; set; } = static _ => false;

    /// <summary>
    /// Whether the node that listens for Akka at a host and port is a member of the Akka cluster. One that was removed from the layout goes
    /// on being one until it stops: others would take up no new member while it is out of reach.
    /// </summary>
    public Func<string, int, bool> IsMemberAt { get; set; } = static (_, _) => false;

    /// <summary>Host and port at which a node listens for Akka; null of a node never heard of.</summary>
    public Func<NodeId, (string Host, int Port)?> AddressOf { get; set; } = static _ => null;

    /// <summary>The nodes that listen for Akka at a host and port: more than one where one has taken another one's place there.</summary>
    public Func<string, int, IEnumerable<NodeId>> NodesAt { get; set; } = static (_, _) => [];

    /// <summary>Why a node is not listened to at Akka's port; null where it is.</summary>
    public string? WhyNotForAkka(NodeId node) =>
        !IsLost(node) && AddressOf(node) is var (host, port) && IsMemberAt(host, port) ? null : WhyNot(node);

    /// <summary>The node that is listened to at Akka's port and has it at a host and port; null where there is none.</summary>
    public NodeId? At(string host, int port)
    {
        foreach (var node in NodesAt(host, port))
            if (WhyNotForAkka(node) is null) return node;
        return null;
    }
}
