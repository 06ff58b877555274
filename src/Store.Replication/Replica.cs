using Gossipdb.Crdt;
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
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Watch;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

/// <summary>
/// One node's copy of one partition: a deterministic state machine with one writer. Inputs are client requests, peers' messages, the
/// journal's progress, reachability and time; what it wants done leaves through <see cref="IReplicaEffects"/>. After each batch of inputs call
/// <see cref="Flush"/>: the events made since the last one leave as one message per peer.
/// <para>Its state is a pure function of its clock (causal delivery, rule 1), so every question of who knows what is a comparison of clocks.</para>
/// </summary>
public sealed partial class Replica
{
    private const int MaxTransfersPerEvent = 500;
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IReplicaEffects _effects;
    private readonly VersionVector _applied = new();
    private readonly Keyspace _keys = new();
    private readonly EventLog _log;
    private readonly JournalProgress _journal = new();
    private readonly PeerKnowledge _peers;
    private readonly CausalBuffer _buffer;
    private readonly WriteQuorums _writes;
    private readonly ReadQuorums _reads;
    private readonly Repair _repair;
    private readonly ExpiryDeleter _expiryDeleter;
    private readonly RightsBroker _rights;
    private readonly StabilityDecider _decider;
    private readonly ByteWriter _scratch = new();
    private readonly List<(ClientRequest Request, long SinceMs)> _awaitingClock = [];
    private List<byte[]> _outbox = [];
    private AckWanted _outboxAck;
    private HybridTimestamp _lastTimestamp;
    private int _collectsSince;
    private readonly ReplicaClock _clock;

    // Of the host's steady clock.
    private long _nowMs;

    /// <summary>A replica that holds nothing yet.</summary>
    /// <param name="id">Its identity for this process lifetime, never used before.</param>
    /// <param name="self">The node it runs on: the holder of a slot, or not.</param>
    /// <param name="table">Who holds the partition's slots, as far as is known.</param>
    /// <param name="layout">Who should hold them.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="effects">The host.</param>
    /// <param name="budget">What the node may send for repair; null where that is not limited.</param>
    /// <param name="fallbacks">The designated stand-ins, the first to be asked in front; null where there are none.</param>
    /// <param name="lost">The nodes that are lost for good; null where there are none.</param>
    public Replica(
        ReplicaId id, NodeId self, IReadOnlyList<SlotHolder> table, IReadOnlyList<NodeId> layout, ReplicaSettings settings, IReplicaEffects effects,
        IRepairBudget? budget = null, IReadOnlyList<NodeId>? fallbacks = null, IReadOnlyList<LostNode>? lost = null)
    {
        Id = id;
        _self = self;
        _settings = settings;
        _layout = layout;
        budget ??= UnlimitedRepair.Instance;
        _log = new EventLog(settings.EventLogMaxBytes);
        _peers = new PeerKnowledge(self, table);
        effects = _effects = new MessageStamper(effects, _peers, _keys, _previousIncarnations = new PreviousIncarnations(_peers, _applied));
        _clock = new ReplicaClock(effects, settings);
        _clock.Read();
        _buffer = new CausalBuffer(settings.CausalBufferMaxBytes);
        if (_peers.IsTableKnown) _fallbackMembership = FallbackMembership.Founding(FallbackKnowledge.FirstOf(fallbacks ?? [], table.Count));
        _fallbacks.Designate(fallbacks ?? [], _fallbackMembership, _peers);
        _writes = new WriteQuorums(_peers, _fallbacks, _applied, _journal.DurableClock);
        _reads = new ReadQuorums(id, _peers, _fallbacks, _applied, _keys, _clock, settings);
        _audit = new DigestAudit(_peers, _applied, _keys, settings);
        _repair = new Repair(id, _peers, _applied, _journal.DurableClock, _log, _clock, settings, budget, _audit);
        _receiver = new ImageReceiver(id, _applied, settings);
        _images = new ImageSender(id, _peers, _keys, _applied, settings, budget);
        _rejoinGate = new RejoinGate(_peers, _applied);
        _expiryDeleter = new ExpiryDeleter(_peers, _applied, _keys, _clock);
        _inheritance = new RightsInheritance(id, _peers, _applied, _journal.DurableClock, _keys, settings);
        _rights = new RightsBroker(id, _peers, _keys, _inheritance);
        _decider = new StabilityDecider(id, _peers, _fallbacks, _applied, _journal.DurableClock, _clock, settings);
        _watchers = new Watchers(_keys, _applied);
        _keys.OnDropped = _watchers.NoteDropped;
        _stalenessBound = new StalenessBound(id, _peers, _applied, effects);
        _hints = new HintSender(id, _peers, _fallbacks, _applied, _journal.DurableClock, _log, _keys, settings);
        _poll = new StabilityPoll(id, _fallbacks, _applied, settings);
        _promises = new Promises(table.Count);
        _durablePromises = new long[table.Count];
        foreach (var node in lost ?? []) SetLost(node);
    }

    /// <summary>This incarnation.</summary>
    public ReplicaId Id { get; }

    /// <summary>Everything applied. Not to be changed.</summary>
    public VersionVector Applied => _applied;

    /// <summary>Everything the journal is known to hold. Not to be changed.</summary>
    public VersionVector Durable => _journal.DurableClock;

    /// <summary>The state, for inspection and digests.</summary>
    public Keyspace Keys => _keys;

    /// <summary>What is known of the other owners.</summary>
    public PeerKnowledge Peers => _peers;

    /// <summary>The first owner, or stand-in, that is out of reach while something here waits to be collected: what is stable is not decided without it. Null where nothing waits.</summary>
    public NodeId? CollectionWaitsFor
    {
        get
        {
            if (!_keys.HasUncollected) return null;
            foreach (var slot in _peers.Slots)
                if (!slot.Reachable) return slot.Node;
            return _poll.WaitsFor;
        }
    }

    /// <summary>The bytes of the event log.</summary>
    public long LogBytes => _log.Bytes;

    /// <summary>How many events wait for their dependencies.</summary>
    public int Buffered => _buffer.Count;

    /// <summary>How many client requests wait.</summary>
    public int Waiting => _writes.Count + _reads.Count + _awaitingClock.Count + _rights.Count;

    /// <summary>Everything up to <paramref name="position"/> of the appended events is durable.</summary>
    public void Persisted(long position)
    {
        _journal.MarkDurable(position);
        foreach (var slot in _peers.Slots) SendOwedAck(slot);
        _writes.AnswerMet(_effects);
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (node == _self || (reachable && IsLost(node)) || !_peers.SetNear(node, reachable)) return;
        if (_fallbacks.Find(node) is { } fallback)
        {
            fallback.Reachable = reachable;
            fallback.Sent = null;

            // It may have begun another life meanwhile.
            fallback.HasPromised = false;
        }

        if (!reachable) return;
        if (_peers.Find(node) is not null) StartExchange(node);
        else TellSlots(node, answerWanted: false);
    }

    /// <summary>
    /// A node's journal takes writes again, or none any more. This node's own takes none any more for as long as the process lives.
    /// </summary>
    public void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (node == _self && !takesWrites) _journal.End();
        if (_peers.SetTakesWrites(node, takesWrites) && _fallbacks.Find(node) is { } fallback) fallback.TakesWrites = takesWrites;
    }

    /// <summary>Lets time pass: gossip, fetches, hedged reads, deadlines, expired keys. Call it every few tens of milliseconds with a fresh random number.</summary>
    public void Tick(long nowMs, uint random)
    {
        Advance(ref nowMs);
        if (!_isSelfLost) TickProtocol(nowMs, random);
        _reads.Tick(nowMs, _effects);
        _writes.AnswerExpired(nowMs, _effects);
        if (_rights.Count > 0) RefuseUnentitled(nowMs);
        if (_awaitingClock.Count > 0) RefuseUnready(nowMs);
    }

    private void RefuseUnentitled(long nowMs)
    {
        var unmet = new List<(WriteRequest Request, string Reason)>();
        _rights.TakeExpired(nowMs, unmet);
        foreach (var (request, reason) in unmet) Refuse(request, Outcome.InsufficientRights, reason);
    }

    private void RefuseUnready(long nowMs)
    {
        var kept = 0;
        List<ClientRequest>? expired = null;
        for (var i = 0; i < _awaitingClock.Count; i++)
        {
            var (request, sinceMs) = _awaitingClock[i];
            if (request.DeadlineMs > nowMs && !IsBetterElsewhere(request, nowMs - sinceMs)) _awaitingClock[kept++] = (request, sinceMs);
            else (expired ??= []).Add(request);
        }

        if (expired is null) return;
        _awaitingClock.RemoveRange(kept, _awaitingClock.Count - kept);
        foreach (var request in expired) RefuseUnready(request);
    }

    private void TickProtocol(long nowMs, uint random)
    {
        _repair.Tick(nowMs, random, mayFetch: !_receiver.IsRunning && HasState, _effects);
        TickSlots(nowMs);
        TickImages(nowMs);
        TickWatches(nowMs);
        if (ServingState == ServingState.Serving)
        {
            DeleteExpired();
            Collect(nowMs);
            TickRights(nowMs);
        }

        _hints.Send(nowMs, _effects);
    }

    /// <summary>Executes a client's request, or refuses it before anything is applied.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        Advance(ref nowMs);
        if (Waiting >= _settings.MaxWaiting)
        {
            Refuse(request, Outcome.Overloaded, $"{Waiting} operations wait at this replica");
        }
        else if (request.DeadlineMs <= nowMs)
        {
            Refuse(request, Outcome.Expired, "the request arrived after its deadline");
        }
        else if (ServingState is ServingState.NeedsImage or ServingState.WithoutSlot)
        {
            Refuse(request, Outcome.NotServing, NotServingBecause);
        }
        else if (ServingState == ServingState.CatchingUp)
        {
            _awaitingClock.Add((request, nowMs));
        }
        else if (Available(request) < request.Required)
        {
            Refuse(request, Outcome.Unavailable, NotCounted(request));
        }
        else if (!IsReady(request))
        {
            if (IsHopeless(request)) return;
            _awaitingClock.Add((request, nowMs));
            AskForWhatIsMissing(request, nowMs);
        }
        else
        {
            Execute(request, nowMs);
        }
    }

    /// <summary>True where another owner has applied an event.</summary>
    public bool IsKnownElsewhere(Dot dot)
    {
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (i != _peers.OwnSlot && _peers.Slots[i].Applied.Contains(dot)) return true;
        return false;
    }

    /// <summary>Takes a message of the same partition's replica on another node.</summary>
    public void Handle(NodeId from, PeerMessage message, long nowMs)
    {
        Advance(ref nowMs);
        if (_isSelfLost || IsLost(from)) return;
        if (message is FallbackMessage ofFallback)
        {
            TakeOfFallback(from, ofFallback.Inner, nowMs);
            return;
        }

        var ownBefore = _peers.OwnSlot;
        var slot = _peers.Hear(from, message.Claim, out var isOld, out var changed);
        var heardBefore = slot.Replica;
        if (!slot.Hear(message.Sender, nowMs)) return;
        if (heardBefore != slot.Replica) _buffer.Drop(heardBefore);
        if (changed >= 0) HolderChanged(changed, ownBefore, nowMs);
        if (isOld) TellSlots(from, answerWanted: false);
        if (!TryComplete(slot, ref message, nowMs)) return;
        if (slot.Index < 0)
        {
            // Whose slot is another's by now, and who does not know it, has nothing applied or acked any more: that would count for a write.
            if (!isOld || message is not EventsMessage) HandleOutsider(slot, message, nowMs);
            return;
        }

        switch (message)
        {
            case EventsMessage events:
                TakeEvents(from, slot, events, nowMs);
                break;
            case AckMessage ack:
                slot.Applied.Advance(ack.Origin, ack.Applied);
                slot.Durable.Advance(ack.Origin, ack.Durable);
                _writes.AnswerMet(_effects);
                break;
            case ClocksMessage clocks:
                slot.Applied.Merge(clocks.Applied);
                slot.Durable.Merge(clocks.Durable);
                if (slot.Told is null || clocks.Applied.Covers(slot.Told.Applied)) slot.Told = clocks;
                slot.IsBehind = _log.IsBehindByMoreThan(slot.Applied, _settings.CausalBufferMaxBytes);
                _repair.NoteAhead(from, clocks.Applied, nowMs);

                // What this node had promised before its disk was lost, it has to hear before it acks anything.
                if (_peers.IsUpToDateWith(clocks.Epochs)) _rejoinGate.Hear(slot.Index, from, clocks);
                else TellSlots(from, answerWanted: true);
                _previousIncarnations.Hear(slot.Index, clocks);
                _audit.Hear(slot.Index, clocks);
                if (clocks.StartsExchange) AnswerExchange(slot);
                else if (clocks.AnswerWanted && !clocks.Applied.Covers(_applied)) _repair.TellClocks(from, answerWanted: false, _effects);
                _writes.AnswerMet(_effects);
                ServeWherePossible(nowMs);
                break;
            case FetchMessage fetch:
                // It tells how far it has come: whether it counts is known before it next tells its clocks.
                slot.Applied.Merge(fetch.Clock);
                slot.IsBehind = _log.IsBehindByMoreThan(slot.Applied, _settings.CausalBufferMaxBytes);
                _repair.AnswerFetch(from, fetch.Clock, nowMs, _effects);
                break;
            case BeyondLogMessage:
                TakeBeyondLog(from, nowMs);
                break;
            case ImageRequestMessage wanted:
                GiveImage(from, wanted, nowMs);
                break;
            case ImageSliceMessage slice:
                TakeSlice(from, slice, nowMs);
                break;
            case SlotsMessage slots:
                TakeTable(from, slots, nowMs);
                break;
            case ReadQueryMessage query:
                if (ServingState == ServingState.Serving) AnswerQuery(from, query, nowMs);
                break;
            case ReadAnswerMessage answer:
                if (answer.Clock is not null) _repair.NoteAhead(from, answer.Clock, nowMs);
                if (answer.Asker == Id) _reads.Take(slot.Index, answer, _effects);
                break;
            case ProgressQueryMessage query:
                if (ServingState == ServingState.Serving) _effects.Send(from, new ProgressAnswerMessage(Id, query.Sender, query.AskedAtMs, _applied.Copy()));
                break;
            case ProgressAnswerMessage answer:
                _repair.NoteAhead(from, answer.Applied, nowMs);
                _stalenessBound.Take(slot.Index, answer);
                break;
            case PromiseAnswerMessage promise:
                TakePromise(slot, promise, nowMs);
                break;
            case PromiseRequestMessage:
                // It has taken a slot meanwhile.
                break;
            case RightsRequestMessage rights:
                if (ServingState == ServingState.Serving) HandOver(rights, nowMs);
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    /// <summary>Ends a batch of inputs: sends the events made since the last call, and executes requests whose token is covered by now.</summary>
    public void Flush(long nowMs)
    {
        Advance(ref nowMs);
        _reads.AnswerCaughtUp(_effects);
        if (_watchersToBegin.Count > 0) BeginWatches(nowMs);
        if (_hasToBeKnown) BecomeKnown();
        while (_rights.TakeReady(nowMs, _effects) is { } entitled) Write(entitled, nowMs);
        for (var i = 0; i < _awaitingClock.Count; i++)
        {
            var request = _awaitingClock[i].Request;
            if (ServingState != ServingState.Serving) continue;
            if (!IsReady(request))
            {
                if (IsHopeless(request)) _awaitingClock.RemoveAt(i--);
                continue;
            }

            _awaitingClock.RemoveAt(i--);
            if (Available(request) < request.Required) Refuse(request, Outcome.Unavailable, NotCounted(request));
            else Execute(request, nowMs);
        }

        _hints.Send(nowMs, _effects);
        SendEvents();
    }

    private void SendEvents()
    {
        if (_outbox.Count == 0) return;
        var message = new EventsMessage(Id, _outboxAck, AnswersFetch: false, More: false, _outbox);
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (i != _peers.OwnSlot && _peers.Slots[i].Reachable) _effects.Send(_peers.Slots[i].Node, message);
        _outbox = [];
        _outboxAck = AckWanted.None;
    }

    private void Execute(ClientRequest request, long nowMs)
    {
        if (request is ReadRequest read) _reads.Start(read, nowMs, _effects);
        else Write((WriteRequest)request, nowMs);
    }

    private void Write(WriteRequest request, long nowMs)
    {
        if (!_peers.TakesWrites(_self))
        {
            // What is made here would have no copy on this disk: another owner may make it.
            Refuse(request, Outcome.NotServing, "this node's journal takes no writes");
            return;
        }

        if (request.OperationId.IsGiven && request.OperationId.DeadlineUnixMs <= Math.Max(_clock.NamesPassedMs, _keys.StableCut.DeadlinesPassedUnixMs))
        {
            Refuse(request, Outcome.Expired, "the operation's deadline has passed: it is not executed any more");
            return;
        }

        if (request.Sloppy) _hints.Want();

        var execution = Execution.Of(request, _keys, NewContext(request.OperationId), _clock, _settings.MaxChangeBytes, _scratch, _effects);

        // A retry of what is already here, and would repeat its effect, waits for the acks of the event that made it. Who has the dot has all it depends on.
        if (execution.Before is { } dot)
        {
            var executed = new VersionVector();
            executed.Advance(dot.Replica, dot.Sequence);
            _writes.Add(request, dot, executed, Id);
            if (dot.Replica != Id) _repair.TellAll(_effects);
            _writes.AnswerMet(_effects);
            return;
        }

        if (execution.Lacking is { } insufficient)
        {
            BecomeKnown();
            if (!_rights.TryWait(request, insufficient, nowMs, _effects)) Refuse(request, Outcome.InsufficientRights, insufficient.Message);
            return;
        }

        if (execution.Made is not { } made)
        {
            Refuse(request, execution.Refusal, execution.Message);
            return;
        }

        Make(made, request.Durability);
        _writes.Add(request, made.Last, made.Clock, Id);
        if (request is { Required: 1, Durability: Durability.Memory }) _writes.AnswerMet(_effects);
    }

    private void DeleteExpired()
    {
        if (!_expiryDeleter.TryTake(out var expired)) return;
        var context = NewContext(OperationId.None);
        var changes = new List<KeyChange>();
        foreach (var key in expired)
        {
            try
            {
                changes.AddRange(Mutation.Delete(key, _keys.Find(key), context));
            }
            catch (Exception unforeseen)
            {
                // It stays, hidden from readers: the others go all the same.
                _effects.Failed("the removal of an expired key", unforeseen);
            }
        }

        Make([.. changes], context, Durability.Journal);
    }

    private void Collect(long nowMs)
    {
        if (_collectsSince != HoldersVersion)
        {
            // Until all have heard of a new holder, some may still take what an old one makes.
            _collectsSince = HoldersVersion;
            _decider.GiveUp();
            _poll.GiveUp();
        }

        if (_decider.TryDecide() is { } decided) _lastDecision = (Make([], NewContext(OperationId.None), Durability.Memory, decided).Last, decided.StandIns);
        else if (_decider.IsAskDue(nowMs)) AskAwaited(nowMs);
        else if (_poll.TryEnd(nowMs, _effects) is { } surveyed) _decider.Begin(surveyed, NextMembership(surveyed), nowMs);
        else if (!_poll.IsRunning && _previousIncarnations.AreKnown() && _decider.Propose(_keys.StableCut, _keys.HasUncollected || IsMembershipChangeDue, nowMs) is { } cut && IsWorthwhile(cut, nowMs)) BeginPoll(cut, nowMs);
    }

    private bool IsWorthwhile(StableCut cut, long nowMs) =>
        cut.Retired.Count > 0 || IsMembershipChangeDue || _keys.WouldCollectAt(cut) || (_keys.HasUncollected && _decider.IsOverdue(nowMs));

    private void AskAwaited(long nowMs)
    {
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (_decider.IsAwaited(i) && _peers.Slots[i].Reachable) StartExchange(_peers.Slots[i].Node, startsExchange: true);
    }

    private UpdateContext NewContext(OperationId operation) =>
        new(Id, _applied, HybridTimestamp.Next(_lastTimestamp, _clock.UnixMs), operation, _inheritance.Ids);

    /// <summary>Names, applies and sends what was just computed against a context.</summary>
    private ReplicaEvent Make(KeyChange[] changes, UpdateContext context, Durability durability, StableCutDecision? cut = null) =>
        Make(ReplicaEvent.Create(context, changes, _scratch, cut, _keys.Retired), durability);

    private ReplicaEvent Make(ReplicaEvent made, Durability durability)
    {
        Apply(made, awaited: durability == Durability.Journal);
        _outbox.Add(made.Encoded);
        _outboxAck |= durability == Durability.Memory ? AckWanted.Applied : AckWanted.Durable;
        return made;
    }

    private void Advance(ref long nowMs)
    {
        _nowMs = nowMs = Math.Max(nowMs, _nowMs);
        _clock.Read();
    }

    // Of a stand-in there is no slot to speak of.
    private void TakeEvents(NodeId from, PeerKnowledge.Slot? slot, EventsMessage message, long nowMs)
    {
        // What is here is about to be replaced: nothing is built on it, and nothing acked.
        if (!HasState) return;
        long lastOfSender = 0;
        var awaited = (message.Ack & AckWanted.Durable) != 0;
        foreach (var encoded in message.Encoded)
        {
            var arrived = ReplicaEvent.Decode(encoded);
            if (arrived.Origin == message.Sender) lastOfSender = arrived.Last.Sequence;
            if (_applied.Contains(arrived.Last) || IsTooLate(arrived)) continue;
            if (arrived.IsApplicableAt(_applied))
            {
                Apply(arrived, awaited);
                ApplyBuffered(awaited);
            }
            else
            {
                _buffer.TryAdd(arrived);
                _repair.NoteAhead(from, arrived.Clock, nowMs, isFallback: slot is null);
            }
        }

        if (slot is not null && (message.Ack & AckWanted.Applied) != 0) Acknowledge(slot);
        if (slot is not null && awaited)
        {
            if (Durable[message.Sender] >= lastOfSender) Acknowledge(slot);
            else slot.DurableAckOwed = Math.Max(slot.DurableAckOwed, lastOfSender);
        }

        if (message.AnswersFetch) _repair.FetchAnswered(from, message.More, nowMs, _effects);
        _writes.AnswerMet(_effects);
    }

    private void TakeBeyondLog(NodeId from, long nowMs)
    {
        if (_repair.FetchWasBeyondLog(from)) _receiver.Start(from, whole: ServingState == ServingState.NeedsImage, SlotClaim.None, nowMs, _effects);
    }

    private void GiveImage(NodeId to, ImageRequestMessage wanted, long nowMs)
    {
        if (!MayGiveImage(to, wanted.Seal, out var isToBeSealed))
        {
            if (wanted.Seal.Slot >= 0) TellSlots(to, answerWanted: false);
            return;
        }

        Func<bool>? seal = isToBeSealed ? () => TrySeal(to, wanted.Seal, nowMs) : null;
        _images.Answer(to, wanted, _stableCutNeeds, () => Head(wanted.Since), seal, _isSealDurable, nowMs, _effects);
    }

    // A peer's read that cannot be answered is not answered: the peer asks others.
    private void AnswerQuery(NodeId from, ReadQueryMessage query, long nowMs)
    {
        _repair.NoteAhead(from, query.Clock, nowMs);
        ReadAnswerMessage answer;
        try
        {
            answer = AnswerTo(query);
        }
        catch (Exception unforeseen)
        {
            _effects.Failed("the answer to another owner's read", unforeseen);
            return;
        }

        _effects.Send(from, answer);
    }

    private ReadAnswerMessage AnswerTo(ReadQueryMessage query)
    {
        long bytes = 0;
        VersionVector? lastChanges = null;

        // A scan names no keys: what it has to cover is all that is here.
        if (query.Keys.Count == 0 && !query.Clock.Covers(_applied))
            return new ReadAnswerMessage(Id, query.Sender, query.Id, _applied.Copy(), default);

        for (var i = 0; i < query.Keys.Count; i++)
        {
            if (_keys.Find(query.Keys[i]) is not { } entry)
            {
                // What the asker still has of it may have been deleted and dropped here: it has to know all that is stable first.
                if (query.Clock.Covers(_keys.StableCut.Clock)) continue;
                bytes = long.MaxValue / 2;
                (lastChanges ??= new VersionVector()).Merge(_keys.StableCut.Clock);
                continue;
            }

            if (entry.IsCoveredBy(query.Clock)) continue;
            bytes += entry.ApproximateBytes;
            if (lastChanges is null) lastChanges = entry.LastChange();
            else lastChanges.Merge(entry.LastChange());
        }

        if (lastChanges is null) return new ReadAnswerMessage(Id, query.Sender, query.Id, null, default);

        // The events the asker lacks are fewer bytes than large objects, and most often under way already.
        if (bytes > _settings.ReadShipMaxBytes) return new ReadAnswerMessage(Id, query.Sender, query.Id, lastChanges, default);

        _scratch.Clear();
        for (var i = 0; i < query.Keys.Count; i++)
        {
            var entry = _keys.Find(query.Keys[i]);
            var isShipped = entry is not null && !entry.IsCoveredBy(query.Clock);
            _scratch.WriteBool(isShipped);
            if (isShipped) entry!.Encode(_scratch, since: query.Clock);
        }

        return new ReadAnswerMessage(Id, query.Sender, query.Id, _applied.Copy(), _scratch.ToArray(), _keys.StableCut);
    }

    private void SendOwedAck(PeerKnowledge.Slot slot)
    {
        if (slot.DurableAckOwed == 0 || !slot.Reachable) return;
        var durable = Durable[slot.Replica];
        if (durable <= slot.DurableAckSent) return;
        Acknowledge(slot);
        if (durable >= slot.DurableAckOwed) slot.DurableAckOwed = 0;
    }

    private void Acknowledge(PeerKnowledge.Slot slot)
    {
        slot.DurableAckSent = Durable[slot.Replica];
        _effects.Send(slot.Node, new AckMessage(Id, slot.Replica, _applied[slot.Replica], slot.DurableAckSent));
    }

    private void Apply(ReplicaEvent applicable, bool awaited) => _effects.Append(applicable, ApplyToState(applicable), awaited);

    private long ApplyToState(ReplicaEvent applicable)
    {
        // Whatever has not seen all of the stable cut was applied before it (StableCutDecision.Needs): the event has seen every change of the ids that have retired here.
        var seen = _keys.Retired.AddTo(applicable.Clock);
        foreach (var change in applicable.Changes) _keys.Join(change, applicable, seen, _applied);
        _applied.Advance(applicable.Origin, applicable.Last.Sequence);
        if (applicable.StableCut is { } decided)
        {
            _keys.Collect(decided.StableCut);
            _stableCutNeeds.Merge(decided.Needs);
            FollowMembership(decided.StandIns);
        }

        if (applicable.Timestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = applicable.Timestamp;
        if (_watchers.Count > 0)
        {
            foreach (var change in applicable.Changes) _watchers.Note(change.Key);
        }

        NoteGiven(applicable);
        _log.Append(applicable);
        return _journal.Append(applicable.Last);
    }

    private void Refuse(ClientRequest request, Outcome outcome, string? message, VersionVector? lost = null)
    {
        var clock = lost ?? _applied;
        if (request is ReadRequest read) _effects.Reply(read, new ReadResult(outcome, null, 0, Available(request), clock, message));
        else _effects.Reply((WriteRequest)request, new WriteResult(outcome, 0, Available(request), clock, message));
    }
}
