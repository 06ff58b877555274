using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Watch;

namespace Gossipdb.Replication;

/// <summary>
/// The components of a replica. The constructor builds each of them with just what it needs of the others, so it shows which may know
/// which. What one component has to tell to several others goes through here.
/// </summary>
internal sealed class ReplicaParts : IStateListener, ISlotListener
{
    /// <summary>Builds them for a replica that holds nothing yet. The parameters are those of <see cref="Replica"/>.</summary>
    public ReplicaParts(
        ReplicaId id, NodeId self, IReadOnlyList<SlotHolder> table, IReadOnlyList<NodeId> layout, ReplicaSettings settings,
        IReplicaEffects host, IRepairBudget budget, IReadOnlyList<NodeId> fallbacks)
    {
        var clock = new ReplicaClock(host, settings.MaxClockSkewMs);
        clock.Read();
        State = new PartitionState(id, settings.EventLogMaxBytes, clock, host, this);

        Peers = new PeerKnowledge(self, table);
        Previous = new PreviousIncarnations(Peers, State.Applied, State.Salvaged);
        Gate = new RejoinGate(State, Peers);
        Effects = new MessageStamper(host, Peers, State.Keys, Previous);

        Audit = new DigestAudit(Peers, State.Applied, State.Keys, settings);
        Exchange = new ClockExchange(State, Peers, Gate, Previous, Audit, settings, Effects);
        Lag = new LagWatch(State.Applied, Peers, settings);
        Fetcher = new EventFetcher(State, Peers, settings, budget, Effects);
        Replicator = new Replicator(State, Peers, Gate, Fetcher, settings, Effects);

        State.InheritedRights = Inheritance = new RightsInheritance(id, Peers, State.Applied, State.Durable, State.Keys, settings);
        var broker = new RightsBroker(id, Peers, State.Keys, Inheritance);
        Rights = new RightsTransfer(State, Peers, Gate, broker, Inheritance, Replicator, Exchange, Effects);

        var promises = new Promises(table.Count);
        Table = new SlotTable(State, Peers, promises, layout, Effects, this);
        Receiver = new ImageReceiver(id, State.Applied, settings, Effects);
        Force = new ForcedTakeover(State, Peers, Gate, Table, promises, Receiver, Effects);
        Slots = new SlotMembership(State, Peers, Gate, Table, Force, Receiver, Exchange, Rights, settings);

        Sender = new ImageSender(State, Peers, Slots, settings, budget, Effects);
        Backups = new BackupSources(State, Gate, settings);
        Snapshot = new SnapshotWriter(State, Gate, settings);
        Images = new ImageTransfer(State, Peers, Gate, Receiver, Sender, Snapshot, Slots, Replicator, Fetcher, Exchange);

        Fallbacks = new FallbackKnowledge(settings);
        Hints = new HintSender(State, Peers, Fallbacks, Effects);

        var decider = new StabilityDecider(id, Peers, Fallbacks, State.Applied, State.Durable, clock, settings);
        var poll = new StabilityPoll(id, Fallbacks, State.Applied, settings, Effects);
        var expiry = new ExpiryDeleter(Peers, Fallbacks, State.Applied, State.Keys, clock, settings);
        StableCut = new StableCutKeeper(State, Peers, Fallbacks, decider, poll, expiry, Previous, Table, Replicator, Exchange, Effects);

        Owner = new OwnerState(State, Peers, Gate, Replicator, Exchange, settings, Effects);
        var quorum = new OwnerQuorum(State, Peers, Fallbacks, Hints, Exchange, Effects);
        Coordinator = new Coordinator(Owner, quorum, Rights, settings, Effects);
        PeerReads = new PeerReads(State, Fetcher, settings, Effects);

        Watches = new PartitionWatches(State, Gate, Exchange);
        Recovery = new JournalRecovery(State, Table, Gate);
        Mending = new JournalMending(State, Peers, Gate, Previous, Replicator, Images, Snapshot, Recovery);
        Inbox = new PeerInbox(
            State, Peers, Fallbacks, Gate, Exchange, Fetcher, Replicator, Rights, Table, Force, Images, StableCut, Owner, Coordinator,
            PeerReads, Effects);

        if (Peers.IsTableKnown) State.Found(FallbackMembership.Founding(FallbackKnowledge.FirstOf(fallbacks, table.Count)));
        Fallbacks.Designate(fallbacks, State.FallbackMembership, Peers);
    }

    // By folder, in the order of docs/architecture.md. Nothing knows what stands above it.

    // The root
    public PeerInbox Inbox { get; }

    // Coordination
    public Coordinator Coordinator { get; }
    public OwnerState Owner { get; }
    public PeerReads PeerReads { get; }

    // Recovery
    public JournalRecovery Recovery { get; }
    public JournalMending Mending { get; }

    // Stability
    public StableCutKeeper StableCut { get; }

    // Watch
    public PartitionWatches Watches { get; }

    // Handoff
    public HintSender Hints { get; }
    public FallbackKnowledge Fallbacks { get; }

    // Slots
    public SlotMembership Slots { get; }
    public SlotTable Table { get; }
    public ForcedTakeover Force { get; }

    // Images
    public ImageTransfer Images { get; }
    public ImageReceiver Receiver { get; }
    public ImageSender Sender { get; }
    public SnapshotWriter Snapshot { get; }

    // Rights
    public RightsTransfer Rights { get; }
    public RightsInheritance Inheritance { get; }

    // Events
    public Replicator Replicator { get; }

    // AntiEntropy
    public ClockExchange Exchange { get; }
    public EventFetcher Fetcher { get; }
    public DigestAudit Audit { get; }
    public LagWatch Lag { get; }

    // Membership
    public PeerKnowledge Peers { get; }
    public RejoinGate Gate { get; }
    public PreviousIncarnations Previous { get; }
    public IReplicaEffects Effects { get; }

    // State
    public BackupSources Backups { get; }

    public PartitionState State { get; }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (node == Peers.Self || (reachable && Peers.Lost.Contains(node)) || !Peers.SetNear(node, reachable)) return;
        Fallbacks.Find(node)?.SetReachable(reachable);
        if (!reachable) return;
        if (Peers.Find(node) is not null) Exchange.Start(node);
        else Table.Tell(node, answerWanted: false);
    }

    void IStateListener.EventApplied(ReplicaEvent applied)
    {
        Watches.Note(applied);
        Rights.Note(applied);
    }

    void IStateListener.ImageJoined(IReadOnlyDictionary<Bytes, KeyEntry> entries, bool isWhole)
    {
        if (isWhole)
        {
            Snapshot.GiveUp();
            Sender.Clear();
        }

        Audit.Reset();
        Watches.NoteImage(isWhole);
        Rights.NoteImage(entries);
    }

    void IStateListener.FallbackMembershipChanged(FallbackMembership membership)
    {
        StandInsVersion++;
        Fallbacks.Follow(membership, Peers);
    }

    /// <summary>Rises whenever the fallback membership may have changed.</summary>
    public int StandInsVersion { get; private set; }

    void ISlotListener.HolderChanged(int slot)
    {
        Coordinator.HolderChanged(slot);
        Owner.HolderChanged(slot);
        Audit.HolderChanged(slot);
        Gate.HolderChanged(slot);
    }

    void ISlotListener.SlotGivenUp()
    {
        Snapshot.GiveUp();
        Coordinator.RefuseHeldBack("its slot has gone to another node");
    }

    void ISlotListener.NodeLost(NodeId node)
    {
        Fallbacks.Lose(node, State.FallbackMembership, Peers);
        Replicator.DropBuffered();
        if (node == Peers.Self)
        {
            Coordinator.RefuseHeldBack(LostNodes.SelfLostBecause);
            return;
        }

        SetReachable(node, false);
        Peers.ForgetOutsider(node);
    }
}
