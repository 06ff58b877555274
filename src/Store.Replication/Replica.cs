using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// One node's copy of one partition: a deterministic state machine with one writer. Inputs are client requests, peers' messages, the
/// journal's progress, reachability and time; what it wants done leaves through <see cref="IReplicaEffects"/>. After each batch of inputs call
/// <see cref="Flush"/>: the events made since the last one leave as one message per peer.
/// <para>Its state is a pure function of its clock (causal delivery, rule 1), so every question of who knows what is a comparison of clocks.</para>
/// </summary>
public sealed class Replica
{
    private const int MaxTransfersPerEvent = 500;
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IReplicaEffects _effects;
    private readonly VersionVector _applied = new();
    private readonly Keyspace _keys = new();
    private readonly EventLog _log = new();
    private readonly JournalProgress _journal = new();
    private readonly PeerKnowledge _peers;
    private readonly StandInKnowledge _standIns;
    private readonly Holding _holding;
    private readonly Parking _parking;
    private readonly WriteQuorums _writes;
    private readonly ReadQuorums _reads;
    private readonly Repair _repair;
    private readonly Reaper _reaper;
    private readonly RightsDesk _rights;
    private readonly Collector _collector;
    private readonly Promises _promises;
    private readonly ByteWriter _scratch = new();
    private readonly List<ClientRequest> _awaitingClock = [];
    private List<byte[]> _outbox = [];
    private AckWanted _outboxAck;
    private HybridTimestamp _lastTimestamp;

    // Never goes back, so that what has once expired here stays expired.
    private long _nowMs;

    /// <summary>A replica that holds nothing yet.</summary>
    /// <param name="id">Its identity for this process lifetime, never used before.</param>
    /// <param name="self">The node it runs on: an owner, or not.</param>
    /// <param name="owners">The partition's preference list.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="effects">The host.</param>
    /// <param name="standIns">The partition's designated stand-ins, in their order; none where nobody stands in.</param>
    public Replica(ReplicaId id, NodeId self, IReadOnlyList<NodeId> owners, ReplicaSettings settings, IReplicaEffects effects, IReadOnlyList<NodeId>? standIns = null)
    {
        Id = id;
        _self = self;
        _settings = settings;
        _effects = effects;
        _peers = new PeerKnowledge(self, owners);
        _standIns = new StandInKnowledge(self, standIns ?? []);
        _parking = new Parking(settings.ParkingMaxBytes);
        _writes = new WriteQuorums(_peers, _standIns, _applied, _journal.DurableClock);
        _reads = new ReadQuorums(id, _peers, _standIns, _applied, _keys, settings);
        _repair = new Repair(id, _peers, _standIns, _applied, _journal.DurableClock, _log, settings);
        _reaper = new Reaper(_peers, _applied, _keys);
        _rights = new RightsDesk(id, _peers, _keys);
        _collector = new Collector(_peers, _standIns, _applied, _journal.DurableClock, settings);
        _promises = new Promises(id, _peers, _standIns, _journal.DurableClock, settings);
        _holding = new Holding(id, _peers, _standIns, _applied, _journal.DurableClock, _log, _keys, settings);
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

    /// <summary>What is known of the designated stand-ins.</summary>
    public StandInKnowledge StandIns => _standIns;

    /// <summary>The bytes of the event log.</summary>
    public long LogBytes => _log.Bytes;

    /// <summary>How many events wait for their dependencies.</summary>
    public int Parked => _parking.Count;

    /// <summary>How many client requests wait.</summary>
    public int Waiting => _writes.Count + _reads.Count + _awaitingClock.Count + _rights.Count;

    /// <summary>Takes back an event from the journal, before anything else happens, in the order it was appended.</summary>
    /// <exception cref="CorruptDataException">The journal has a hole: nothing is skipped to go on.</exception>
    public void Recover(byte[] encoded)
    {
        var recovered = ReplicaEvent.Decode(encoded);
        if (!recovered.IsApplicableAt(_applied))
            throw new CorruptDataException($"the journal holds event {recovered.Last} after {_applied}, with events missing between");
        _journal.MarkDurable(ApplyToState(recovered));
    }

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
        if (node == _self) return;
        if (_standIns.PlaceOf(node) is >= 0 and var place)
        {
            var standIn = _standIns.Entries[place];
            standIn.Reachable = reachable;
            standIn.Sent = null;
            return;
        }

        var slot = _peers.Find(node);
        if (slot is null || slot.Reachable == reachable) return;
        slot.Reachable = reachable;
        if (reachable && !IsStandIn) _repair.TellClocks(node, answerWanted: true, _nowMs, _effects);
    }

    /// <summary>Lets time pass: gossip, fetches, hedged reads, deadlines, expired keys. Call it every few tens of milliseconds with a fresh random number.</summary>
    public void Tick(long nowMs, uint random)
    {
        Advance(ref nowMs);
        if (!IsStandIn)
        {
            _repair.Tick(nowMs, random, _effects);
            Reap(nowMs);
            Collect(nowMs);
            _promises.Tick(nowMs, _effects);
        }

        _holding.Send(nowMs, _effects);
        _reads.Tick(nowMs, _effects);
        _writes.AnswerExpired(nowMs, _effects);
        while (_rights.TakeExpired(nowMs) is var (unmet, reason)) Refuse(unmet, Outcome.InsufficientRights, reason);
        for (var i = _awaitingClock.Count - 1; i >= 0; i--)
        {
            var request = _awaitingClock[i];
            if (request.DeadlineMs > nowMs) continue;
            _awaitingClock.RemoveAt(i);
            Refuse(request, Outcome.SessionUnavailable, $"no replica within reach covers the token {request.Token} in time");
        }
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
        else if (Available(request) < request.Required)
        {
            Refuse(request, Outcome.Unavailable, null);
        }
        else if (request.Token is { } token && !_applied.Covers(token))
        {
            _awaitingClock.Add(request);
            _repair.TellAll(nowMs, _effects);
        }
        else
        {
            Execute(request, nowMs);
        }
    }

    /// <summary>
    /// Gives the rights this replica holds in bounded counters to another owner, before its process stops: they would wait for an id that has ended.
    /// </summary>
    /// <returns>The event that does, for <see cref="IsKnownElsewhere"/>; null where there is nothing to give, or nobody to take it.</returns>
    public Dot? HandOverRights(long nowMs)
    {
        Advance(ref nowMs);
        foreach (var slot in _peers.Slots)
        {
            if (slot.Node == _self || !slot.Reachable || slot.Replica == default) continue;
            Dot? last = null;
            foreach (var some in _rights.HandOverAll(slot.Replica).Chunk(MaxTransfersPerEvent))
            {
                var context = NewContext(OperationId.None, nowMs);
                var changes = Array.ConvertAll(some, one => Mutation.Operate(one.Key, one.Transfer, _keys.Find(one.Key), context));
                last = Make(changes, context, Durability.Memory).Last;
            }

            return last;
        }

        return null;
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
        var slot = _peers.Find(from);
        if (slot is null)
        {
            TakeFromStandIn(from, message, nowMs);
            return;
        }

        PeerKnowledge.Hear(slot, message.Sender);
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
                slot.IsBehind = _log.IsBehindByMoreThan(slot.Applied, _settings.ParkingMaxBytes);
                _repair.NoteAhead(from, clocks.Applied, nowMs);
                if (clocks.AnswerWanted && !IsStandIn && !clocks.Applied.Covers(_applied)) _repair.TellClocks(from, answerWanted: false, nowMs, _effects);
                _writes.AnswerMet(_effects);
                break;
            case FetchMessage fetch:
                _repair.AnswerFetch(from, fetch.Clock, _effects);
                break;
            case ReadQueryMessage query:
                AnswerQuery(from, query, nowMs);
                break;
            case ReadAnswerMessage answer:
                if (answer.Clock is not null) _repair.NoteAhead(from, answer.Clock, nowMs);
                if (answer.Asker == Id) _reads.Take(_peers.Slots.IndexOf(slot), isStandIn: false, answer, nowMs, _effects);
                break;
            case RightsRequestMessage wanted:
                HandOver(wanted, nowMs);
                break;
            default:
                throw new InvalidOperationException($"no handler for {message.GetType().Name}");
        }
    }

    /// <summary>Ends a batch of inputs: sends the events made since the last call, and executes requests whose token is covered by now.</summary>
    public void Flush(long nowMs)
    {
        Advance(ref nowMs);
        _reads.AnswerCaughtUp(nowMs, _effects);
        while (_rights.TakeReady(nowMs, _effects) is { } entitled) Write(entitled, nowMs);
        for (var i = 0; i < _awaitingClock.Count; i++)
        {
            var request = _awaitingClock[i];
            if (!_applied.Covers(request.Token!)) continue;
            _awaitingClock.RemoveAt(i--);
            Execute(request, nowMs);
        }

        _holding.Send(nowMs, _effects);
        if (_outbox.Count == 0) return;

        // What a stand-in makes is fetched from it.
        var message = new EventsMessage(Id, _outboxAck, AnswersFetch: false, More: false, _outbox);
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (i != _peers.OwnSlot && _peers.Slots[i].Reachable && !IsStandIn) _effects.Send(_peers.Slots[i].Node, message);
        _outbox = [];
        _outboxAck = AckWanted.None;
    }

    /// <summary>This node is not an owner: what is here is only what it coordinated while no owner was within its reach.</summary>
    private bool IsStandIn => _standIns.OwnPlace >= 0;

    /// <summary>How many nodes within reach count towards a request: owners, and, where it is sloppy, as many stand-ins as owners are absent.</summary>
    private int Available(ClientRequest request)
    {
        var present = request is WriteRequest ? _peers.PresentCount : _peers.ReachableCount;
        return request.Sloppy ? present + Math.Min(_peers.Slots.Length - present, _standIns.AvailableCount) : present;
    }

    private void TakeFromStandIn(NodeId from, PeerMessage message, long nowMs)
    {
        var place = _standIns.PlaceOf(from);
        if (place < 0) return;
        var standIn = _standIns.Entries[place];
        StandInKnowledge.Hear(standIn, message.Sender);
        switch (message)
        {
            case HeldMessage held:
                Holding.Take(standIn, held, nowMs);
                _repair.NoteAhead(from, held.Offered, nowMs);
                if ((held.Flags & HeldFlags.ClocksWanted) != 0 && !IsStandIn) _repair.TellClocks(from, answerWanted: false, nowMs, _effects);
                _writes.AnswerMet(_effects);
                break;
            case PromisedMessage promised:
                standIn.Promised = promised;
                _repair.NoteAhead(from, promised.Known, nowMs);
                break;
            case EventsMessage { AnswersFetch: true } events:
                TakeEvents(from, null, events, nowMs);
                break;
            case ReadQueryMessage query:
                AnswerQuery(from, query, nowMs);
                break;
            case ReadAnswerMessage answer:
                if (answer.Clock is not null) _repair.NoteAhead(from, answer.Clock, nowMs);
                if (answer.Asker == Id) _reads.Take(place, isStandIn: true, answer, nowMs, _effects);
                break;
            default:
                // Whatever else a stand-in says concerns other stand-ins.
                break;
        }
    }

    private void Execute(ClientRequest request, long nowMs)
    {
        if (request is ReadRequest read) _reads.Start(read, nowMs, _effects);
        else Write((WriteRequest)request, nowMs);
    }

    private void Write(WriteRequest request, long nowMs)
    {
        if (request.OperationId.IsPresent && request.OperationId.DeadlineUnixMs <= nowMs)
        {
            Refuse(request, Outcome.Expired, "the operation's deadline has passed: it is not executed any more");
            return;
        }

        var entry = _keys.Find(request.Key);
        if (request.Operation is { } wanted && entry?.AnsweringAt(nowMs) is { } held && held.State.Type != wanted.Type)
        {
            Refuse(request, Outcome.WrongType, ReadQuorums.WrongType(held.State.Type, wanted.Type));
            return;
        }

        // A retry of what is already here, and would repeat its effect, waits for the acks of the event that made it.
        if (request is { OperationId.IsPresent: true, Operation: { } retried }
            && entry?.Find(retried.Type) is { } target && target.State.TryGetExecution(retried, request.OperationId, out var dot))
        {
            _writes.Add(request, dot, Id);
            if (dot.Replica != Id) _repair.TellAll(nowMs, _effects);
            _writes.AnswerMet(_effects);
            return;
        }

        var context = NewContext(request.OperationId, nowMs);
        KeyChange[] changes;
        try
        {
            changes = Mutation.Of(request, entry, context, nowMs, _scratch);
        }
        catch (Exception wrong) when (wrong is OverflowException or ArgumentException)
        {
            Refuse(request, Outcome.InvalidArgument, wrong.Message);
            return;
        }
        catch (InsufficientRightsException insufficient)
        {
            if (!_rights.TryWait(request, insufficient, nowMs, _effects)) Refuse(request, Outcome.InsufficientRights, insufficient.Message);
            return;
        }

        var made = Make(changes, context, request.Durability);
        if (request.Sloppy) _holding.Want();
        _writes.Add(request, made.Last, Id);
        if (request is { Required: 1, Durability: Durability.Memory }) _writes.AnswerMet(_effects);
    }

    private void Reap(long nowMs)
    {
        if (!_reaper.TryTake(nowMs, out var expired)) return;
        var context = NewContext(OperationId.None, nowMs);
        var changes = new List<KeyChange>();
        foreach (var key in expired) changes.AddRange(Mutation.Delete(key, _keys.Find(key), context));
        Make([.. changes], context, Durability.Journal);
    }

    private void Collect(long nowMs)
    {
        if (!_keys.HasUncollected || _collector.Propose(nowMs) is not { } floor || !(_keys.WouldCollectAt(floor) || _collector.IsOverdue(nowMs))) return;
        _collector.Decided(nowMs);
        Make([], NewContext(OperationId.None, nowMs), Durability.Memory, floor);
    }

    private void HandOver(RightsRequestMessage wanted, long nowMs)
    {
        if (_rights.Answer(wanted) is not { } transfer) return;
        var context = NewContext(OperationId.None, nowMs);
        Make([Mutation.Operate(wanted.Key, transfer, _keys.Find(wanted.Key), context)], context, Durability.Journal);
    }

    private UpdateContext NewContext(OperationId operation, long nowMs) =>
        new(Id, _applied, HybridTimestamp.Next(_lastTimestamp, nowMs), operation);

    /// <summary>Names, applies and sends what was just computed against a context.</summary>
    private ReplicaEvent Make(KeyChange[] changes, UpdateContext context, Durability durability, StableFloor? floor = null)
    {
        var made = ReplicaEvent.Create(context, changes, _scratch, floor);
        Apply(made, awaited: durability == Durability.Journal);
        _outbox.Add(made.Encoded);
        _outboxAck |= durability == Durability.Memory ? AckWanted.Applied : AckWanted.Durable;
        return made;
    }

    private void Advance(ref long nowMs) => _nowMs = nowMs = Math.Max(nowMs, _nowMs);

    private void TakeEvents(NodeId from, PeerKnowledge.Slot? slot, EventsMessage message, long nowMs)
    {
        long lastOfSender = 0;
        var awaited = (message.Ack & AckWanted.Durable) != 0;
        foreach (var encoded in message.Encoded)
        {
            var arrived = ReplicaEvent.Decode(encoded);
            if (arrived.Origin == message.Sender) lastOfSender = arrived.Last.Sequence;
            if (_applied.Contains(arrived.Last)) continue;
            if (arrived.IsApplicableAt(_applied))
            {
                Apply(arrived, awaited);
                while (_parking.TakeApplicable(_applied) is { } next) Apply(next, awaited);
            }
            else
            {
                _parking.TryAdd(arrived);
                _repair.NoteAhead(from, arrived.Clock, nowMs);
            }
        }

        if (message.AnswersFetch) _repair.FetchAnswered(from, message.More, nowMs, _effects);
        _writes.AnswerMet(_effects);
        if (slot is null) return;
        if ((message.Ack & AckWanted.Applied) != 0) Acknowledge(slot);
        if (awaited)
        {
            if (Durable[message.Sender] >= lastOfSender) Acknowledge(slot);
            else slot.DurableAckOwed = Math.Max(slot.DurableAckOwed, lastOfSender);
        }
    }

    private void AnswerQuery(NodeId from, ReadQueryMessage query, long nowMs)
    {
        _repair.NoteAhead(from, query.Clock, nowMs);
        var entry = _keys.Find(query.Key);
        if (entry is null || entry.IsCoveredBy(query.Clock))
        {
            _effects.Send(from, new ReadAnswerMessage(Id, query.Sender, query.Id, null, default));
            return;
        }

        if (entry.ApproximateBytes > _settings.ReadShipMaxBytes)
        {
            // The events the asker lacks are fewer bytes than the object, and most often under way already.
            _effects.Send(from, new ReadAnswerMessage(Id, query.Sender, query.Id, entry.LastChange(), default));
            return;
        }

        _scratch.Clear();
        entry.Encode(_scratch, since: query.Clock);
        _effects.Send(from, new ReadAnswerMessage(Id, query.Sender, query.Id, _applied.Copy(), _scratch.ToArray(), _keys.Floor));
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
        foreach (var change in applicable.Changes) _keys.Join(change, applicable, _applied);
        _applied.Advance(applicable.Origin, applicable.Last.Sequence);
        if (applicable.Floor is { } floor) _keys.Collect(floor);
        if (applicable.Timestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = applicable.Timestamp;
        _log.Append(applicable);
        return _journal.Append(applicable.Last);
    }

    private void Refuse(ClientRequest request, Outcome outcome, string? message)
    {
        if (request is ReadRequest read) _effects.Reply(read, new ReadResult(outcome, null, 0, Available(request), _applied, message));
        else _effects.Reply((WriteRequest)request, new WriteResult(outcome, 0, Available(request), _applied, message));
    }
}
