using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>The other designated stand-ins, as a <see cref="StandInCoordinator"/> knows them: what they hold of what it has applied, and what they were sent. What is not acked in time is sent again.</summary>
internal sealed class Fellows(ReplicaId id, NodeId self, IReadOnlySet<NodeId> near, ReplicaSettings settings, IReplicaEffects effects)
{
    private sealed class Fellow(NodeId node)
    {
        public NodeId Node { get; } = node;
        public ReplicaId Replica { get; set; }
        public VersionVector Held { get; set; } = new();
        public VersionVector? Sent { get; set; }
        public int UnackedBytes { get; set; }
        public long ProgressAtMs { get; set; }
    }

    private Fellow[] _fellows = [];

    /// <summary>Those within reach.</summary>
    public IEnumerable<NodeId> Near
    {
        get
        {
            foreach (var fellow in _fellows)
                if (near.Contains(fellow.Node)) yield return fellow.Node;
        }
    }

    /// <summary>The layout designates these, this node perhaps among them. What is known of those that stay is kept.</summary>
    public void Set(IReadOnlyList<NodeId> designated)
    {
        var next = new List<Fellow>(designated.Count);
        foreach (var node in designated)
            if (node != self) next.Add(Find(node) ?? new Fellow(node));
        _fellows = [.. next];
    }

    /// <summary>Takes what one of them says it holds.</summary>
    public void Take(NodeId from, HeldMessage held, long nowMs)
    {
        if (Find(from) is not { } fellow) return;
        if (fellow.Replica != held.Sender)
        {
            fellow.Replica = held.Sender;
            fellow.Held = new VersionVector();
            fellow.Sent = null;
        }

        if (fellow.Held.Merge(held.Covered)) fellow.ProgressAtMs = nowMs;
        if ((held.Flags & HeldFlags.Gap) != 0) fellow.Sent = null;
        if (fellow.Sent is not null && fellow.Held.Covers(fellow.Sent)) fellow.UnackedBytes = 0;
    }

    /// <summary>Adds those that hold a change.</summary>
    public void AddHoldersOf(Dot dot, List<NodeId> holders)
    {
        foreach (var fellow in _fellows)
            if (fellow.Held.Contains(dot)) holders.Add(fellow.Node);
    }

    /// <summary>Sends those within reach what they are not known to hold.</summary>
    /// <param name="log">What was applied.</param>
    /// <param name="stable">What need not be held: every owner has it on disk.</param>
    /// <param name="nowMs">Now.</param>
    public void Send(EventLog log, VersionVector stable, long nowMs)
    {
        foreach (var fellow in _fellows)
        {
            if (!near.Contains(fellow.Node)) continue;
            if (fellow.Sent is not null && !fellow.Held.Covers(fellow.Sent) && nowMs - fellow.ProgressAtMs >= settings.FetchTimeoutMs) fellow.Sent = null;
            if (fellow.Sent is null)
            {
                fellow.Sent = fellow.Held.Copy();
                fellow.UnackedBytes = 0;
            }

            if (fellow.UnackedBytes >= settings.FetchMaxBytes) continue;
            var missing = new List<byte[]>();
            log.CollectMissing(fellow.Sent, settings.FetchMaxBytes, missing, reached: fellow.Sent);
            if (missing.Count == 0) continue;
            if (fellow.UnackedBytes == 0) fellow.ProgressAtMs = nowMs;
            foreach (var encoded in missing) fellow.UnackedBytes += encoded.Length;
            Say(fellow.Node, new HoldMessage(id, stable.Copy(), missing));
        }
    }

    /// <summary>Says something to one of them.</summary>
    public void Say(NodeId to, PeerMessage message) => effects.Send(to, new StandInMessage(id, IsForStandIn: true, message, IsOfStandIn: true));

    private Fellow? Find(NodeId node)
    {
        foreach (var fellow in _fellows)
            if (fellow.Node == node) return fellow;
        return null;
    }
}
