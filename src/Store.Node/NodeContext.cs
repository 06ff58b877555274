using System.Collections.Concurrent;
using Akka.Actor;
using Gossipdb.Node.Actors;
using Gossipdb.Node.Journal;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node;

/// <summary>What the parts of one running node share. Actor references are set once, before the node serves.</summary>
internal sealed class NodeContext
{
    private readonly ConcurrentDictionary<NodeId, NodeSettings.NodeAddress> _addresses = [];
    private readonly ConcurrentDictionary<NodeId, LinkLoad> _loads = [];
    private volatile IReadOnlySet<NodeId> _cuts = new HashSet<NodeId>();
    private volatile Placement _placement;
    private volatile bool _isJournalRead;
    private long _heldBytes;
    private int _standsInFor;
    private volatile StagedLayout? _lastStaged;

    public NodeContext(NodeSettings settings, Layout layout, NodeHealth health, NodeClock clock)
    {
        Settings = settings;
        Health = health;
        Clock = clock;
        Partitions = new IActorRef?[layout.Partitions];
        StandIns = new IActorRef?[layout.Partitions];
        Holders = new NodeId[]?[layout.Partitions];
        RepairBudget = new(settings.RepairBytesPerSecond);
        Moves = new(settings.MaxMoves);
        JournalBacklog = new(settings.JournalBacklogBytes, health);
        LearnAddresses(layout);
        _placement = new Placement(layout, settings.Id, new HashSet<NodeId>(), Holders);
        Hosts = new NodeHosts(this);
    }

    public NodeSettings Settings { get; }

    public NodeHealth Health { get; }

    /// <summary>What durations are measured by, and what is stamped with.</summary>
    public NodeClock Clock { get; }

    /// <summary>Who is to own what.</summary>
    public Layout Layout => _placement.Layout;

    /// <summary>The actor of each partition this node has a part in; null elsewhere.</summary>
    public IActorRef?[] Partitions { get; }

    /// <summary>The actor that stands in for each partition's absent owners, where this node has been asked to; null elsewhere.</summary>
    public IActorRef?[] StandIns { get; }

    /// <summary>The bytes all stand-ins of this node hold.</summary>
    public long HeldBytes => Volatile.Read(ref _heldBytes);

    /// <summary>How many stand-ins of this node may take calls by themselves.</summary>
    public int StandsInFor => Volatile.Read(ref _standsInFor);

    /// <summary>A stand-in holds that much more than before, or less; and may take calls by itself, or no more.</summary>
    public void NoteFallback(long held, int mayCoordinate)
    {
        Interlocked.Add(ref _heldBytes, held);
        Interlocked.Add(ref _standsInFor, mayCoordinate);
    }

    /// <summary>The journal has been read to its end: what this node holds is known. Written by <see cref="NodeActors"/> alone.</summary>
    public bool IsJournalRead
    {
        get => _isJournalRead;
        set => _isJournalRead = value;
    }

    /// <summary>The partition a journal's number is of, and for whom: stand-ins have a journal each, numbered behind the partitions'.</summary>
    public IActorRef? OwnerOfJournal(int number) => number < Partitions.Length ? Partitions[number] : StandIns[number - Partitions.Length];

    /// <summary>Who holds each partition's slots, in their order, as this node's replica knows; null where it has none.</summary>
    public NodeId[]?[] Holders { get; }

    /// <summary>The link to each other node.</summary>
    public ConcurrentDictionary<NodeId, IActorRef> Links { get; } = [];

    /// <summary>What the journal holds of each partition is handed to these; each is its actor's from the journal's end on.</summary>
    public NodeHosts Hosts { get; }

    /// <summary>Starts partitions and links.</summary>
    public NodeActors Actors { get; set; } = null!;

    /// <summary>The journal.</summary>
    public IActorRef CommitLog { get; set; } = ActorRefs.Nobody;

    /// <summary>Watches the node's parts.</summary>
    public IActorRef Guardian { get; set; } = ActorRefs.Nobody;

    /// <summary>What was applied and is not in the journal yet.</summary>
    public JournalBacklog JournalBacklog { get; }

    /// <summary>How much waits for the link to a node.</summary>
    public LinkLoad LoadOf(NodeId node) => _loads.GetOrAdd(node, static (_, settings) => new LinkLoad(settings.LinkQueueBytes - settings.MaxInFlightBytes), Settings);

    /// <summary>What repair may send.</summary>
    public RepairBudget RepairBudget { get; }

    /// <summary>How many partitions may be taken over at once.</summary>
    public MovePermits Moves { get; }

    /// <summary>Layout and reachability.</summary>
    public IActorRef ClusterView { get; set; } = ActorRefs.Nobody;

    /// <summary>What is staged to be the layout's next version; null where nothing is, or where it was staged for another version.</summary>
    public StagedLayout? Staged => _lastStaged is { } staged && staged.Version == Layout.Version + 1 ? staged : null;

    /// <summary>What was last staged, in or out of date. Written by <see cref="Actors.ClusterView"/> alone.</summary>
    public StagedLayout? LastStaged
    {
        get => _lastStaged;
        set => _lastStaged = value;
    }

    /// <summary>The nodes this node's links are cut to, for experiments. Written by <see cref="LinkCuts"/> alone.</summary>
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

    /// <summary>Where a node is reached: as the own configuration says, else as some layout has said; null of a node never heard of.</summary>
    public NodeSettings.NodeAddress? AddressOf(NodeId node) =>
        Settings.Nodes.TryGetValue(node, out var configured) ? configured : _addresses.GetValueOrDefault(node);

    /// <summary>Every node whose address is known.</summary>
    public IEnumerable<NodeId> KnownNodes => Settings.Nodes.Keys.Union(_addresses.Keys).Order();

    /// <summary>Takes down where a layout's members are reached. Nodes that leave it are still reached: they have data to hand over.</summary>
    public void LearnAddresses(Layout layout)
    {
        foreach (var member in layout.Members)
            if (member.PeerHost.Length > 0) _addresses[member.Id] = new(member.PeerHost, member.PeerPort, member.ClientEndpoint);
    }
}
