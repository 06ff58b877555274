using Akka.Actor;
using Gossipdb.Replication;

namespace Gossipdb.Node;

/// <summary>What the parts of one running node share. Actor references are set once, before the node serves.</summary>
internal sealed class NodeContext(NodeSettings settings, Layout layout, NodeHealth health)
{
    private volatile IReadOnlySet<NodeId> _cuts = new HashSet<NodeId>();
    private volatile Placement _placement = new(layout, settings.Id, new HashSet<NodeId>());

    public NodeSettings Settings { get; } = settings;

    public NodeHealth Health { get; } = health;

    public Layout Layout { get; } = layout;

    /// <summary>The actor of each owned partition; null where this node owns it not.</summary>
    public IActorRef?[] Partitions { get; } = new IActorRef?[layout.Partitions];

    /// <summary>The link to each other node.</summary>
    public Dictionary<NodeId, IActorRef> Links { get; } = [];

    /// <summary>The journal.</summary>
    public IActorRef CommitLog { get; set; } = ActorRefs.Nobody;

    /// <summary>What repair may send.</summary>
    public RepairBudget RepairBudget { get; } = new(settings.RepairBytesPerSecond);

    /// <summary>Layout and reachability.</summary>
    public IActorRef ClusterView { get; set; } = ActorRefs.Nobody;

    /// <summary>The nodes this node's links are cut to, for experiments. Written by <see cref="Actors.LinkCuts"/> alone.</summary>
    public IReadOnlySet<NodeId> Cuts
    {
        get => _cuts;
        set => _cuts = value;
    }

    /// <summary>The present picture. Written by <see cref="Actors.ClusterView"/> alone.</summary>
    public Placement Placement
    {
        get => _placement;
        set => _placement = value;
    }

    /// <summary>Unix milliseconds now.</summary>
    public static long NowMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
