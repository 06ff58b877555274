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
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

/// <summary>
/// One node's copy of one partition: a deterministic state machine with one writer. Inputs are client requests, peers' messages, the journal's progress,
/// reachability and time. What it wants done leaves through <see cref="IReplicaEffects"/>. After each batch of inputs call <see cref="Flush"/>.
/// <para>This class only routes: every rule lies in the component it hands an input to.</para>
/// </summary>
public sealed class Replica : IStateListener, ISlotListener
{
    private readonly PartitionState _state;
    private readonly FallbackKnowledge _fallbacks;
    private readonly PreviousIncarnations _previous;
    private readonly RejoinGate _gate;
    private readonly DigestAudit _audit;
    private readonly ClockExchange _exchange;
    private readonly EventFetcher _fetcher;
    private readonly Replicator _replicator;
    private readonly RightsInheritance _inheritance;
    private readonly RightsTransfer _rights;
    private readonly SlotTable _table;
    private readonly ForcedTakeover _force;
    private readonly SlotMembership _slots;
    private readonly ImageReceiver _receiver;
    private readonly ImageSender _sender;
    private readonly SnapshotWriter _snapshot;
    private readonly ImageTransfer _images;
    private readonly HintSender _hints;
    private readonly StableCutKeeper _stableCut;
    private readonly OwnerState _owner;
    private readonly Coordinator _coordinator;
    private readonly PeerReads _peerReads;
    private readonly PartitionWatches _watches;
    private readonly JournalRecovery _recovery;
    private readonly IReplicaEffects _effects;

    // Of the host's steady clock.
    private long _nowMs;

    /// <summary>A replica that holds nothing yet.</summary>
    /// <param name="id">Its identity for this process lifetime, never used before.</param>
    /// <param name="self">The node it runs on: the holder of a slot, or not.</param>
    /// <param name="table">Who holds the partition's slots, as far as is known.</param>
    /// <param name="layout">Who should hold them.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="host">The host.</param>
    /// <param name="budget">What the node may send for repair; null where that is not limited.</param>
    /// <param name="fallbacks">The designated fallback nodes, the first to be asked in front; null where there are none.</param>
    /// <param name="lost">The nodes that are lost for good; null where there are none.</param>
    public Replica(
        ReplicaId id, NodeId self, IReadOnlyList<SlotHolder> table, IReadOnlyList<NodeId> layout, ReplicaSettings settings, IReplicaEffects host,
        IRepairBudget? budget = null, IReadOnlyList<NodeId>? fallbacks = null, IReadOnlyList<LostNode>? lost = null)
    {
        budget ??= UnlimitedRepair.Instance;
        var clock = new ReplicaClock(host, settings.MaxClockSkewMs);
        clock.Read();
        _state = new PartitionState(id, settings.EventLogMaxBytes, clock, host, this);
        Peers = new PeerKnowledge(self, table);
        _fallbacks = new FallbackKnowledge(settings);
        _previous = new PreviousIncarnations(Peers, Applied);
        _gate = new RejoinGate(_state, Peers);
        _effects = new MessageStamper(host, Peers, Keys, _previous);
        _audit = new DigestAudit(Peers, Applied, Keys, settings);
        _exchange = new ClockExchange(_state, Peers, _gate, _previous, _audit, settings, _effects);
        _fetcher = new EventFetcher(_state, Peers, settings, budget, _effects);
        _replicator = new Replicator(_state, Peers, _gate, _fetcher, settings, _effects);
        _state.InheritedRights = _inheritance = new RightsInheritance(id, Peers, Applied, Durable, Keys, settings);
        var broker = new RightsBroker(id, Peers, Keys, _inheritance);
        _rights = new RightsTransfer(_state, Peers, _gate, broker, _inheritance, _replicator, _exchange, _effects);
        var promises = new Promises(table.Count);
        _table = new SlotTable(_state, Peers, _gate, promises, layout, _effects, this);
        _receiver = new ImageReceiver(id, Applied, settings, _effects);
        _force = new ForcedTakeover(_state, Peers, _gate, _table, promises, _receiver, _effects);
        _slots = new SlotMembership(_state, Peers, _gate, _table, _force, _receiver, _exchange, _rights, settings);
        _sender = new ImageSender(_state, Peers, _slots, settings, budget, _effects);
        _snapshot = new SnapshotWriter(_state, _gate, settings);
        _images = new ImageTransfer(_state, Peers, _gate, _receiver, _sender, _snapshot, _slots, _replicator, _fetcher, _exchange);
        _hints = new HintSender(_state, Peers, _fallbacks, _effects);
        var decider = new StabilityDecider(id, Peers, _fallbacks, Applied, Durable, clock, settings);
        var poll = new StabilityPoll(id, _fallbacks, Applied, settings, _effects);
        var expiry = new ExpiryDeleter(Peers, Applied, Keys, clock);
        _stableCut = new StableCutKeeper(_state, Peers, _fallbacks, decider, poll, expiry, _previous, _table, _replicator, _exchange, _effects);
        _owner = new OwnerState(_state, Peers, _gate, _replicator, _exchange, settings, _effects);
        var quorum = new OwnerQuorum(_state, Peers, _fallbacks, _hints, _exchange, _effects);
        _coordinator = new Coordinator(_owner, quorum, _rights, settings, _effects);
        _peerReads = new PeerReads(_state, _fetcher, settings, _effects);
        _watches = new PartitionWatches(_state, _gate, _exchange);
        _recovery = new JournalRecovery(_state, _table, _gate);
        if (Peers.IsTableKnown) _state.Found(FallbackMembership.Founding(FallbackKnowledge.FirstOf(fallbacks ?? [], table.Count)));
        _fallbacks.Designate(fallbacks ?? [], _state.FallbackMembership, Peers);
        _table.SetLost(lost);
    }

    /// <summary>This incarnation.</summary>
    public ReplicaId Id => _state.Id;

    /// <summary>Everything applied.</summary>
    public ClockView Applied => _state.Applied;

    /// <summary>Everything the journal is known to hold.</summary>
    public ClockView Durable => _state.Durable;

    /// <summary>The state, for inspection and digests.</summary>
    public Keyspace Keys => _state.Keys;

    /// <summary>What is known of the other owners.</summary>
    public PeerKnowledge Peers { get; }

    /// <summary>Where the replica stands: it coordinates and answers only while it is serving.</summary>
    public ServingState ServingState => _gate.State;

    /// <summary>Why it does not serve, in words for people; null while it does.</summary>
    public string? NotServingBecause => _gate.Reason;

    /// <summary>How many client requests wait.</summary>
    public int Waiting => _coordinator.Waiting;

    /// <summary>How many watch.</summary>
    public int Watching => _watches.Count;

    /// <summary>False where other moves of this node come first.</summary>
    public bool MayMove
    {
        get => _slots.MayMove;
        set => _slots.MayMove = value;
    }

    /// <summary>How it stands with the replica, for status and for checks.</summary>
    public ReplicaInspection Inspection =>
        new(_state, _audit, _exchange, _replicator, _inheritance, _receiver, _snapshot, _stableCut, _table, _slots);

    /// <summary>Takes back a record from the journal, before anything else happens, in the order it was appended.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record.</exception>
    public void Recover(byte[] record) => _recovery.Take(record);

    /// <summary>The journal has been read to its end. From here on the replica finds out whether it is up to date, and then serves.</summary>
    /// <exception cref="CorruptDataException">The journal has a hole: nothing is skipped to go on.</exception>
    public void RecoveryEnded(long nowMs)
    {
        Advance(ref nowMs);
        _recovery.End();
        _previous.Begin();
        _gate.RecoveryEnded(nowMs);
        _gate.ServeWherePossible(nowMs);
    }

    /// <summary>Everything up to <paramref name="position"/> of the appended records is durable.</summary>
    public void Persisted(long position)
    {
        while (_state.Persisted(position) is { } continuation) _slots.Durable(continuation);
        _replicator.SendOwedAcks();
        _coordinator.AnswerMet();
    }

    /// <summary>The layout gives the slots to these nodes, from now on. A slot that is another's stays where it is until it has been handed over.</summary>
    /// <param name="owners">Who should hold the slots.</param>
    /// <param name="fallbacks">The designated fallback nodes; null where there are none.</param>
    /// <param name="lost">The nodes that are lost for good; null where there are none. One that was ever named stays lost.</param>
    public void SetLayout(IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId>? fallbacks = null, IReadOnlyList<LostNode>? lost = null)
    {
        if (owners.Count != Peers.Slots.Length) throw new ArgumentException($"the layout has {owners.Count} slots a partition, not {Peers.Slots.Length}");
        _table.Layout = owners;
        _table.SetLost(lost);
        _fallbacks.Designate(fallbacks ?? [], _state.FallbackMembership, Peers);
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (node == Peers.Self || (reachable && Peers.Lost.Contains(node)) || !Peers.SetNear(node, reachable)) return;
        _fallbacks.Find(node)?.SetReachable(reachable);
        if (!reachable) return;
        if (Peers.Find(node) is not null) _exchange.Start(node);
        else _table.Tell(node, answerWanted: false);
    }

    /// <summary>
    /// A node's journal takes writes again, or none any more. This node's own takes none any more for as long as the process lives.
    /// </summary>
    public void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (node == Peers.Self && !takesWrites) _state.EndJournal();
        if (Peers.SetTakesWrites(node, takesWrites) && _fallbacks.Find(node) is { } fallback) fallback.TakesWrites = takesWrites;
    }

    /// <summary>Executes a client's request, or refuses it before anything is applied.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        Advance(ref nowMs);
        _coordinator.Handle(request, nowMs);
    }

    /// <summary>Takes a message of the same partition's replica on another node, or of a fallback node.</summary>
    public void Handle(NodeId from, PeerMessage message, long nowMs)
    {
        Advance(ref nowMs);
        if (Peers.Lost.IsSelfLost || Peers.Lost.Contains(from)) return;
        if (message is FallbackMessage ofFallback)
        {
            TakeOfFallback(from, ofFallback.Inner, nowMs);
            return;
        }

        var ownBefore = Peers.OwnSlot;
        var slot = Peers.Hear(from, message.Claim, out var isOld, out var changed);
        var heardBefore = slot.Replica;
        if (!slot.Hear(message.Sender, nowMs)) return;
        if (heardBefore != slot.Replica) _replicator.DropBuffered(heardBefore);
        if (changed >= 0) _table.HolderChanged(changed, ownBefore, nowMs);
        if (isOld) _table.Tell(from, answerWanted: false);
        if (!_exchange.TryComplete(slot, ref message)) return;
        if (slot.Index >= 0) TakeOfOwner(slot, message, nowMs);

        // Whose slot is another's by now, and who does not know it, has nothing applied or acked any more: that would count for a write.
        else if (!isOld || message is not EventsMessage) TakeOfOutsider(slot, message, nowMs);
    }

    /// <summary>Lets time pass. Call it every few tens of milliseconds with a fresh random number.</summary>
    public void Tick(long nowMs, uint random)
    {
        Advance(ref nowMs);
        if (!Peers.Lost.IsSelfLost)
        {
            _fetcher.SendOwed(nowMs);
            _exchange.Gossip(nowMs, random);
            _fetcher.Tick(nowMs, mayFetch: !_receiver.IsRunning && _gate.HasState);
            _slots.Tick(nowMs);
            _images.Tick(nowMs);
            _audit.Tick(nowMs);
            if (ServingState == ServingState.Serving && _audit.IsOutvoted(out var slot)) _gate.LoseMemory(Peers.Slots[slot].Node);
            _images.TakeWhereNeeded(nowMs);
            _exchange.StartDue(nowMs);
            _gate.ServeWherePossible(nowMs);
            _watches.Tick(nowMs);
            if (ServingState == ServingState.Serving)
            {
                _stableCut.DeleteExpired();
                _stableCut.Tick(nowMs);
                _rights.Tick(nowMs);
            }

            _hints.Send(nowMs);
        }

        _coordinator.Tick(nowMs);
    }

    /// <summary>Ends a batch of inputs: executes requests that have what they waited for, and sends the events made since the last call.</summary>
    public void Flush(long nowMs)
    {
        Advance(ref nowMs);
        _coordinator.AnswerCaughtUp();
        _watches.Flush(nowMs);
        _rights.Flush();
        _coordinator.Flush(nowMs);
        _hints.Send(nowMs);
        _replicator.SendMade();
    }

    /// <summary>
    /// Begins to write an image of the whole state into the journal, a slice at every tick: what the journal holds from before can go once the image's end is
    /// durable. It need not serve for that: an image says what the records before it said, whether it ever served included, so that one that waits for a peer
    /// does not keep the node's whole journal.
    /// </summary>
    /// <returns>Why that cannot be now, in words for people; null where it is done, or under way.</returns>
    public string? BeginSnapshot()
    {
        if (_snapshot.IsRunning) return null;
        if (Peers.Lost.IsSelfLost) return "it is not written anew: " + LostNodes.SelfLostBecause;
        if (ServingState == ServingState.NeedsImage) return "it cannot vouch for what it holds and waits for an image of another replica's";
        if (_receiver.IsRunning || _slots.IsTakingUp) return "it is taking an image of another replica's";
        if (_table.IsJournaled) _table.Append(isAwaited: false);
        _snapshot.Begin();
        return null;
    }

    /// <summary>
    /// Gives the rights this replica holds in bounded counters to another owner, before its process stops: they would wait for an id that has ended.
    /// </summary>
    /// <returns>The event that does, for <see cref="IsKnownElsewhere"/>; null where there is nothing to give, or nobody to take it.</returns>
    public Dot? HandOverRights(long nowMs)
    {
        Advance(ref nowMs);
        return _rights.HandOverAll(toAnyone: true);
    }

    /// <summary>True where another owner has applied an event.</summary>
    public bool IsKnownElsewhere(Dot dot)
    {
        for (var i = 0; i < Peers.Slots.Length; i++)
            if (i != Peers.OwnSlot && Peers.Slots[i].Applied.Contains(dot)) return true;
        return false;
    }

    /// <summary>
    /// Begins a watch, at once or when this replica covers what the watcher comes with. Take what there is to tell with <see cref="TryTake"/> until there is no
    /// more, and whenever the watcher is woken.
    /// </summary>
    public void Watch(Watcher watcher, long nowMs)
    {
        Advance(ref nowMs);
        _watches.Begin(watcher, nowMs);
    }

    /// <summary>Ends a watch.</summary>
    public void Unwatch(Watcher watcher) => _watches.End(watcher);

    /// <summary>Takes at most so many changed keys for a watcher, with what they hold now.</summary>
    /// <returns>False where there is nothing to tell: the watcher is woken when there is.</returns>
    public bool TryTake(Watcher watcher, int most, long nowMs, WatchedChanges into)
    {
        Advance(ref nowMs);
        return _watches.TryTake(watcher, most, into);
    }

    /// <summary>Ends all watches: they can go on at another replica.</summary>
    public void EndWatches(string reason) => _watches.EndAll(reason);

    void IStateListener.EventApplied(ReplicaEvent applied)
    {
        _watches.Note(applied);
        _rights.Note(applied);
    }

    void IStateListener.ImageJoined(bool isWhole)
    {
        if (isWhole)
        {
            _snapshot.GiveUp();
            _sender.Clear();
        }

        _audit.Reset();
        _watches.NoteAll();
    }

    void IStateListener.FallbackMembershipChanged(FallbackMembership membership) => _fallbacks.Follow(membership, Peers);

    void ISlotListener.HolderChanged(int slot)
    {
        _coordinator.HolderChanged(slot);
        _owner.HolderChanged(slot);
        _audit.HolderChanged(slot);
        _gate.HolderChanged(slot);
    }

    void ISlotListener.SlotGivenUp()
    {
        _snapshot.GiveUp();
        _coordinator.RefuseHeld("its slot has gone to another node");
    }

    void ISlotListener.NodeLost(NodeId node)
    {
        _fallbacks.Lose(node, _state.FallbackMembership, Peers);
        _replicator.DropBuffered();
        if (node == Peers.Self)
        {
            _coordinator.RefuseHeld(LostNodes.SelfLostBecause);
            return;
        }

        SetReachable(node, false);
        Peers.ForgetOutsider(node);
    }

    private void TakeOfOwner(PeerKnowledge.Slot slot, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case AckMessage ack:
                slot.Applied.Advance(ack.Origin, ack.Applied);
                slot.Durable.Advance(ack.Origin, ack.Durable);
                _coordinator.AnswerMet();
                break;
            case ClocksMessage clocks:
                _exchange.Note(slot, clocks);
                _fetcher.NoteAhead(slot.Node, clocks.Applied, nowMs);
                var isUpToDate = Peers.IsUpToDateWith(clocks.Epochs);
                if (!isUpToDate) _table.Tell(slot.Node, answerWanted: true);
                _exchange.NoteAnswer(slot, clocks, isUpToDate);
                _exchange.Answer(slot, clocks);
                _coordinator.AnswerMet();
                _gate.ServeWherePossible(nowMs);
                break;
            case FetchMessage fetch:
                _exchange.NoteFetching(slot, fetch.Clock);
                _fetcher.AnswerFetch(slot.Node, fetch.Clock, nowMs);
                break;
            case ReadQueryMessage query:
                if (ServingState == ServingState.Serving) _peerReads.Answer(slot.Node, query, nowMs);
                break;
            case ReadAnswerMessage answer:
                if (answer.Clock is not null) _fetcher.NoteAhead(slot.Node, answer.Clock, nowMs);
                if (answer.Asker == Id) _coordinator.Take(slot.Index, answer);
                break;
            case ProgressQueryMessage query:
                if (ServingState == ServingState.Serving) _owner.Answer(slot, query);
                break;
            case ProgressAnswerMessage answer:
                _fetcher.NoteAhead(slot.Node, answer.Applied, nowMs);
                _owner.Take(slot.Index, answer);
                break;
            case PromiseAnswerMessage promise:
                _force.Take(slot, promise, nowMs);
                break;
            case PromiseRequestMessage:
                // It has taken a slot meanwhile.
                break;
            case RightsRequestMessage wanted:
                if (ServingState == ServingState.Serving) _rights.Answer(wanted);
                break;
            default:
                TakeOfAnybody(slot, message, nowMs);
                break;
        }
    }

    // Of a node that holds no slot: one that takes one over, or has given one up and is not drained.
    private void TakeOfOutsider(PeerKnowledge.Slot outsider, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case PromiseRequestMessage request:
                _force.Answer(outsider.Node, request, nowMs);
                break;
            case ClocksMessage clocks:
                outsider.Told = clocks;
                if (_gate.HasState) _fetcher.NoteAhead(outsider.Node, clocks.Applied, nowMs);
                if (clocks.AnswerWanted || clocks.StartsExchange) _exchange.Tell(outsider.Node, answerWanted: false);
                break;
            case FetchMessage fetch:
                _fetcher.AnswerFetch(outsider.Node, fetch.Clock, nowMs);
                break;
            case EventsMessage or BeyondLogMessage or ImageRequestMessage or ImageSliceMessage or SlotsMessage:
                TakeOfAnybody(outsider, message, nowMs);
                break;
        }
    }

    private void TakeOfAnybody(PeerKnowledge.Slot slot, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case EventsMessage events:
                TakeEvents(slot.Node, slot, events, nowMs);
                break;
            case BeyondLogMessage:
                _images.TakeBeyondLog(slot.Node, nowMs);
                break;
            case ImageRequestMessage wanted:
                _images.Give(slot.Node, wanted, nowMs);
                break;
            case ImageSliceMessage slice:
                _images.Take(slot.Node, slice, nowMs);
                break;
            case SlotsMessage slots:
                _table.Hear(slot.Node, slots, nowMs);
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    private void TakeOfFallback(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HintAckMessage ack:
                if (_gate.HasState) _fetcher.NoteAhead(from, ack.Offered, nowMs, isFallback: true);
                if ((ack.Flags & HintAckFlags.ClocksWanted) != 0)
                    _effects.Send(from, new FallbackMessage(Id, IsForFallback: true, _exchange.Clocks(answerWanted: false)));
                if (_fallbacks.Find(from) is not { } fallback) return;
                fallback.Hear(ack.Sender);
                fallback.Take(ack, nowMs);
                _stableCut.Take(fallback, ack);
                _coordinator.AnswerMet();
                break;
            case EventsMessage events:
                TakeEvents(from, null, events, nowMs);
                break;
            case ReadAnswerMessage answer when answer.Asker == Id:
                if (answer.Clock is not null) _fetcher.NoteAhead(from, answer.Clock, nowMs, isFallback: true);
                _coordinator.TakeOfFallback(from, answer);
                break;
        }
    }

    private void TakeEvents(NodeId from, PeerKnowledge.Slot? slot, EventsMessage events, long nowMs)
    {
        _replicator.Take(from, slot, events, nowMs);
        _coordinator.AnswerMet();
    }

    private void Advance(ref long nowMs)
    {
        _nowMs = nowMs = Math.Max(nowMs, _nowMs);
        _state.Clock.Read();
    }
}
