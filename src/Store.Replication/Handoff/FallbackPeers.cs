using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// The other designated fallback nodes, as one of them knows them while it coordinates because no owner is within reach. It sends them what
/// it has applied, and they hold it. Their acks count towards W.
/// </summary>
internal sealed class FallbackPeers(ReplicaId id, NodeId self, IReadOnlySet<NodeId> near, ReplicaSettings settings, IReplicaEffects effects)
{
    private sealed class Peer(NodeId node, ReplicaSettings settings)
    {
        public NodeId Node { get; } = node;
        public ReplicaId Replica { get; set; }
        public ResendWindow Window { get; } = new(settings);
    }

    private Peer[] _peers = [];

    /// <summary>Those within reach.</summary>
    public IEnumerable<NodeId> Near
    {
        get
        {
            foreach (var peer in _peers)
                if (near.Contains(peer.Node)) yield return peer.Node;
        }
    }

    /// <summary>
    /// Takes up the nodes that the layout designates, among which this node may be. What is known of those that stay is kept.
    /// </summary>
    public void Set(IReadOnlyList<NodeId> designated)
    {
        var next = new List<Peer>(designated.Count);
        foreach (var node in designated)
            if (node != self) next.Add(Find(node) ?? new Peer(node, settings));
        _peers = [.. next];
    }

    /// <summary>Takes an ack: what one of them says it holds.</summary>
    public void Take(NodeId from, HintAckMessage ack, long nowMs)
    {
        if (Find(from) is not { } peer) return;
        if (peer.Replica != ack.Sender)
        {
            peer.Replica = ack.Sender;
            peer.Window.Restart();
        }

        peer.Window.Take(ack, nowMs);
    }

    /// <summary>Those that hold a change, as bits of places.</summary>
    public ulong HoldersOf(Dot dot)
    {
        ulong holders = 0;
        for (var i = 0; i < _peers.Length; i++)
            if (_peers[i].Window.Held.Contains(dot)) holders |= 1UL << i;
        return holders;
    }

    /// <summary>The node at a place.</summary>
    public NodeId this[int place] => _peers[place].Node;

    /// <summary>Sends those within reach what they are not known to hold.</summary>
    /// <param name="log">The applied events.</param>
    /// <param name="applied">The applied clock.</param>
    /// <param name="stable">What need not be held, because every owner has it on disk.</param>
    /// <param name="nowMs">Now.</param>
    public void Send(EventLog log, ClockView applied, VersionVector stable, long nowMs)
    {
        foreach (var peer in _peers)
        {
            if (!near.Contains(peer.Node) || !peer.Window.IsOpen(applied, nowMs)) continue;
            var missing = peer.Window.TakeNext(log, new VersionVector(), nowMs);
            if (missing.Count > 0) Say(peer.Node, new HintMessage(id, stable.Copy(), missing));
        }
    }

    /// <summary>Sends a message to one of them.</summary>
    public void Say(NodeId to, PeerMessage message) =>
        effects.Send(to, new FallbackMessage(id, IsForFallback: true, message, IsOfFallback: true));

    private Peer? Find(NodeId node)
    {
        foreach (var peer in _peers)
            if (peer.Node == node) return peer;
        return null;
    }
}
