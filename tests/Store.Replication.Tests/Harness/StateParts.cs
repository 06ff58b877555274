using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>
/// An owner's state and what the components above it stand on, for tests that build one of those: three slots, every owner within reach.
/// Keeps what the listeners of a state and of a slot table are told.
/// </summary>
internal sealed class StateParts : IStateListener, ISlotListener
{
    public static readonly NodeId[] Owners = OwnerParts.Owners;
    public static readonly ReplicaId[] Ids = OwnerParts.Ids;

    /// <summary>An incarnation that is nobody's any more.</summary>
    public static readonly ReplicaId Ended = new(0x0e);

    public StateParts(int self = 0, ReplicaSettings? settings = null)
        : this(Owners[self], Ids[self], settings)
    {
    }

    private StateParts(NodeId self, ReplicaId id, ReplicaSettings? settings)
    {
        Settings = settings ?? new ReplicaSettings();
        var clock = new ReplicaClock(Effects, Settings.MaxClockSkewMs);
        clock.Read();
        State = new PartitionState(id, Settings.EventLogMaxBytes, clock, Effects, this);
        Peers = new PeerKnowledge(self, SlotHolder.Founding(Owners));
        for (var i = 0; i < Owners.Length; i++)
        {
            Peers.SetNear(Owners[i], true);
            if (Owners[i] != self) Peers.Slots[i].Hear(Ids[i], Trio.Now);
        }

        Gate = new RejoinGate(State, Peers);
        Previous = new PreviousIncarnations(Peers, State.Applied, State.Salvaged);
        Audit = new DigestAudit(Peers, State.Applied, State.Keys, Settings);
        Exchange = new ClockExchange(State, Peers, Gate, Previous, Audit, Settings, Effects);
        Fetcher = new EventFetcher(State, Peers, Settings, Budget, Effects);
        Replicator = new Replicator(State, Peers, Gate, Fetcher, Settings, Effects);
        Fallbacks = new FallbackKnowledge(Settings);
    }

    /// <summary>The parts of node 4, which holds no slot.</summary>
    public static StateParts OfNewcomer() => new(new NodeId(4), new ReplicaId(0xd1), null);

    public ReplicaSettings Settings { get; }

    public RecordingEffects Effects { get; } = new();

    public RepairAllowance Budget { get; } = new();

    public PartitionState State { get; }

    public PeerKnowledge Peers { get; }

    public RejoinGate Gate { get; }

    public PreviousIncarnations Previous { get; }

    public DigestAudit Audit { get; }

    public ClockExchange Exchange { get; }

    public EventFetcher Fetcher { get; }

    public Replicator Replicator { get; }

    public FallbackKnowledge Fallbacks { get; }

    /// <summary>The events that the listener was told of.</summary>
    public List<ReplicaEvent> Noted { get; } = [];

    /// <summary>Of the images that the listener was told of, whether each was a whole one.</summary>
    public List<bool> Images { get; } = [];

    /// <summary>The slots that changed hands.</summary>
    public List<int> Changed { get; } = [];

    /// <summary>How often this node's slot was given up.</summary>
    public int GivenUp { get; private set; }

    /// <summary>The nodes that were found to be lost.</summary>
    public List<NodeId> LostNodes { get; } = [];

    /// <summary>The messages of a kind that were sent, in order.</summary>
    public T[] Sent<T>() where T : PeerMessage => [.. Effects.Sent.Select(static sent => sent.Message).OfType<T>()];

    /// <summary>To whom messages of a kind were sent, in order.</summary>
    public NodeId[] SentTo<T>() where T : PeerMessage =>
        [.. Effects.Sent.Where(static sent => sent.Message is T).Select(static sent => sent.To)];

    /// <summary>The kinds of the journal's records, in order.</summary>
    public JournalRecordKind[] Journaled => [.. Effects.Journal.Select(static record => (JournalRecordKind)record.Record[0])];

    /// <summary>Makes and applies an event of this owner's: adds an element to the set at a key.</summary>
    public ReplicaEvent Make(string key, string element, OperationId id = default) =>
        Operate(key, new SetAdd([Bytes.FromText(element)]), id);

    /// <summary>Makes and applies an event of this owner's.</summary>
    public ReplicaEvent Operate(string key, Operation operation, OperationId id = default)
    {
        var context = State.NewContext(id);
        var change = KeyMutation.Operate(Trio.Key(key), operation, State.Keys.Find(Trio.Key(key)), context);
        var made = State.NewEvent([change], context);
        State.Apply(made, isAwaited: true);
        return made;
    }

    /// <summary>An event of another owner's, made on what is applied here. It is not applied here.</summary>
    public ReplicaEvent EventOf(int slot, string key = "k", string element = "x") =>
        SampleEvents.Make(Ids[slot], State.Applied.Copy(), key, element, default);

    /// <summary>Applies an event of another owner's, made on what is applied here.</summary>
    public ReplicaEvent Apply(int slot, string key = "k", string element = "x")
    {
        var made = EventOf(slot, key, element);
        State.Apply(made, isAwaited: false);
        return made;
    }

    /// <summary>Decides that all that is applied here is stable, and that an ended incarnation has retired.</summary>
    public void Collect(params ReplicaId[] retired)
    {
        var applied = State.Applied.Copy();
        var context = State.NewContext(OperationId.None);
        var cut = new StableCut(applied, 0, [.. retired.Select(id => new RetiredReplica(id, new Dot(State.Id, context.FirstSequence)))]);
        State.Apply(State.NewEvent([], context, new StableCutDecision(cut, applied, State.FallbackMembership)), isAwaited: false);
    }

    /// <summary>Everything that was journaled is on disk. What waited for that is returned and not done.</summary>
    public List<JournalContinuation> Persist()
    {
        var due = new List<JournalContinuation>();
        while (Effects.Journal.Count > 0 && State.Persisted(Effects.Journal[^1].Position) is { } next) due.Add(next);
        return due;
    }

    /// <summary>An owner's clocks.</summary>
    public ClocksMessage ClocksOf(int slot, VersionVector applied, VersionVector? durable = null) =>
        new(Peers.Slots[slot].Replica, applied, durable ?? applied, AnswerWanted: false, Trio.Now);

    /// <summary>An owner tells its clocks.</summary>
    public void Tell(int slot, VersionVector applied, VersionVector? durable = null) =>
        Exchange.Note(Peers.Slots[slot], ClocksOf(slot, applied, durable));

    /// <summary>An owner's answer to a clock exchange.</summary>
    public ClocksMessage Answer(int slot, VersionVector applied, VersionVector? remembered = null, VersionVector? cut = null) =>
        ClocksOf(slot, applied) with { Remembered = remembered ?? new VersionVector(), StableCutClock = cut ?? new VersionVector() };

    /// <summary>Nodes 4 and 5 are fallback nodes within reach.</summary>
    public void Designate()
    {
        NodeId[] nodes = [new(4), new(5)];
        foreach (var node in nodes) Peers.SetNear(node, true);
        State.Found(FallbackMembership.Founding(nodes));
        Fallbacks.Designate(nodes, State.FallbackMembership, Peers);
        for (var i = 0; i < nodes.Length; i++) Fallbacks.Entries[i].Hear(new ReplicaId(0xd1 + ((ulong)i << 4)));
    }

    void IStateListener.EventApplied(ReplicaEvent applied) => Noted.Add(ReplicaEvent.Decode(applied.Encoded));

    void IStateListener.ImageJoined(IReadOnlyDictionary<Bytes, KeyEntry> entries, bool isWhole) => Images.Add(isWhole);

    void IStateListener.FallbackMembershipChanged(FallbackMembership membership) => Fallbacks.Follow(membership, Peers);

    void ISlotListener.HolderChanged(int slot) => Changed.Add(slot);

    void ISlotListener.SlotGivenUp() => GivenUp++;

    void ISlotListener.NodeLost(NodeId node) => LostNodes.Add(node);
}
