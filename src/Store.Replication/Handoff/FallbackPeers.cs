using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>The other designated stand-ins, as a <see cref="FallbackCoordinator"/> knows them: what they hold of what it has applied, and what they were sent. What is not acked in time is sent again.</summary>
internal sealed class FallbackPeers(ReplicaId id, NodeId self, IReadOnlySet<NodeId> near, ReplicaSettings settings, IReplicaEffects effects)
{
    private sealed class FallbackPeer(NodeId node)
    {
        public NodeId Node { get; } = node;
        public ReplicaId Replica { get; set; }
        public VersionVector Held { get; set; } = new();
        public VersionVector? Sent { get; set; }
        public int UnackedBytes { get; set; }
        public long ProgressAtMs { get; set; }
    }

    private FallbackPeer[] _peers = [];

    /// <summary>Those within reach.</summary>
    public IEnumerable<NodeId> Near
    {
        get
        {
            foreach (var peer in _peers)
                if (near.Contains(peer.Node)) yield return peer.Node;
        }
    }

    /// <summary>The layout designates these, this node perhaps among them. What is known of those that stay is kept.</summary>
    public void Set(IReadOnlyList<NodeId> designated)
    {
        var next = new List<FallbackPeer>(designated.Count);
        foreach (var node in designated)
            if (node != self) next.Add(Find(node) ?? new FallbackPeer(node));
        _peers = [.. next];
    }

    /// <summary>Takes what one of them says it holds.</summary>
    public void Take(NodeId from, HintAckMessage held, long nowMs)
    {
        if (Find(from) is not { } peer) return;
        if (peer.Replica != held.Sender)
        {
            peer.Replica = held.Sender;
            peer.Held = new VersionVector();
            peer.Sent = null;
        }

        if (peer.Held.Merge(held.Covered)) peer.ProgressAtMs = nowMs;
        if ((held.Flags & HintAckFlags.Gap) != 0) peer.Sent = null;
        if (peer.Sent is not null && peer.Held.Covers(peer.Sent)) peer.UnackedBytes = 0;
    }

    /// <summary>Adds those that hold a change.</summary>
    public void AddHoldersOf(Dot dot, List<NodeId> holders)
    {
        foreach (var peer in _peers)
            if (peer.Held.Contains(dot)) holders.Add(peer.Node);
    }

    /// <summary>Sends those within reach what they are not known to hold.</summary>
    /// <param name="log">What was applied.</param>
    /// <param name="stable">What need not be held: every owner has it on disk.</param>
    /// <param name="nowMs">Now.</param>
    public void Send(EventLog log, VersionVector stable, long nowMs)
    {
        foreach (var peer in _peers)
        {
            if (!near.Contains(peer.Node)) continue;
            if (peer.Sent is not null && !peer.Held.Covers(peer.Sent) && nowMs - peer.ProgressAtMs >= settings.FetchTimeoutMs) peer.Sent = null;
            if (peer.Sent is null)
            {
                peer.Sent = peer.Held.Copy();
                peer.UnackedBytes = 0;
            }

            if (peer.UnackedBytes >= settings.FetchMaxBytes) continue;
            var missing = new List<byte[]>();
            log.CollectMissing(peer.Sent, settings.FetchMaxBytes, missing, reached: peer.Sent);
            if (missing.Count == 0) continue;
            if (peer.UnackedBytes == 0) peer.ProgressAtMs = nowMs;
            foreach (var encoded in missing) peer.UnackedBytes += encoded.Length;
            Say(peer.Node, new HintMessage(id, stable.Copy(), missing));
        }
    }

    /// <summary>Says something to one of them.</summary>
    public void Say(NodeId to, PeerMessage message) => effects.Send(to, new FallbackMessage(id, IsForFallback: true, message, IsOfFallback: true));

    private FallbackPeer? Find(NodeId node)
    {
        foreach (var peer in _peers)
            if (peer.Node == node) return peer;
        return null;
    }
}
