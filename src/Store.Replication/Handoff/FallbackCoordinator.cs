using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// Takes clients' calls where no owner is within reach, as <em>sloppy</em> requests allow. It begins with an empty state and builds on nothing but what is stable: it has promised, to whoever decides stable cuts, that its events
/// depend on all that is at or below them (hard case 3). So to an owner they are events like any other, and what is removed here is what is held here and what was stable.
/// <para>What it makes goes into the stand-in's log, durably, and from there to the owners; and to its fallback peers, the other designated stand-ins, whose acks count towards W. What a fallback peer makes is applied here too.</para>
/// <para>A session that has seen anything but what is held here is refused: what is stable is built on, but cannot be read.</para>
/// </summary>
internal sealed class FallbackCoordinator(
    ReplicaId id, NodeId self, IReadOnlySet<NodeId> near, IReadOnlySet<NodeId> refusing, VersionVector durable, Func<ReplicaEvent, bool> tryHold, ReplicaSettings settings, IReplicaEffects effects)
{
    private sealed record WaitingWrite(WriteRequest Request, Dot Dot);

    private sealed class WaitingRead(ReadRequest request)
    {
        public ReadRequest Request { get; } = request;
        public HashSet<NodeId> Asked { get; } = [];
        public List<NodeId> Answered { get; } = [];
    }

    private readonly ByteWriter _scratch = new();
    private readonly List<WaitingWrite> _writes = [];
    private readonly Dictionary<ulong, WaitingRead> _reads = [];

    // What was promised, and what has been applied.
    private readonly VersionVector _stable = new();
    private readonly VersionVector _clock = new();
    private VersionVector _applied = new();
    private Keyspace _keys = new();
    private EventLog _log = new(settings.StandInMaxBytes);
    private readonly FallbackPeers _peers = new(id, self, near, settings, effects);
    private int _replication;
    private HybridTimestamp _lastTimestamp;
    private ulong _lastRead;
    private readonly ReplicaClock _now = new(effects, settings);
    private long _namesPassedMs;
    private bool _hasLeft;
    private bool _hasMade;
    private bool _isCleared;

    /// <summary>Whether it takes calls: it has promised to build on what is stable, in this life.</summary>
    public bool MayCoordinate { get; private set; }

    /// <summary>
    /// It has made something, and that is no longer here: it makes nothing more, for what a type keeps by origin (a counter's sums) goes on from what the origin made before. Another one with
    /// another id is to take its place.
    /// </summary>
    public bool IsSpent => _isCleared && _writes.Count + _reads.Count == 0;

    /// <summary>It need not be asked for a promise before the next stable cut: it has given one, or will never make anything.</summary>
    public bool HasPromised => MayCoordinate || _hasLeft;

    /// <summary>
    /// Operation ids whose deadline is not later are executed here no more: told to whoever decides which names can be dropped.
    /// </summary>
    public long NamesPassedMs
    {
        get
        {
            _now.Read();
            return Math.Max(_now.NamesPassedMs, _namesPassedMs);
        }
    }

    /// <summary>
    /// Takes over from the one that was spent: what has passed there has passed here, and what it promised of names holds.
    /// </summary>
    public void Continue(FallbackCoordinator before)
    {
        _now.Continue(before._now);
        _namesPassedMs = before._namesPassedMs;
    }

    /// <summary>The other designated stand-ins.</summary>
    public void SetFallbackPeers(IReadOnlyList<NodeId> designated, int replication)
    {
        _replication = replication;
        _peers.Set(designated);
    }

    /// <summary>Takes what is about to be stable: every event made from now on builds on it. Who has once been told to leave makes none: its name may be retired.</summary>
    public void Promise(StabilityPollMessage survey)
    {
        _hasLeft |= survey.IsLeaving;
        if (_hasLeft || _isCleared) MayCoordinate = false;
        else MayCoordinate |= survey.MayCoordinate;
        _namesPassedMs = Math.Max(_namesPassedMs, survey.NamesPassedMs);
        TakeStable(survey.Stable);
    }

    /// <summary>Takes what another stand-in has promised to build on: it is on every owner's disk.</summary>
    public void TakeStable(VersionVector stable)
    {
        _stable.Merge(stable);
        _clock.Merge(stable);
    }

    /// <summary>Takes a client's call.</summary>
    public void Handle(ClientRequest request, long nowMs)
    {
        _now.Read();
        if (_writes.Count + _reads.Count >= settings.MaxWaiting)
            Refuse(request, Outcome.Overloaded, $"{_writes.Count + _reads.Count} operations wait at this stand-in");
        else if (request.DeadlineMs <= nowMs)
            Refuse(request, Outcome.Expired, "the request arrived after its deadline");
        else if (!MayCoordinate)
            Refuse(request, Outcome.NotServing, "no owner of the partition is within reach, and this stand-in has not heard from them since it started what is stable");
        else if (!request.Sloppy || request is ReadRequest { Scan: not null } or ReadRequest { MaxStalenessMs: not null })
            Refuse(request, Outcome.NotServing, "no owner of the partition is within reach, and a stand-in serves sloppy reads and writes only");
        else if (request is WriteRequest && refusing.Contains(self))
            Refuse(request, Outcome.NotServing, "no owner of the partition is within reach, and this stand-in's journal takes no writes");
        else if (AvailableTo(request) < request.Required)
            Refuse(request, Outcome.Unavailable, null);
        else if (request.Token is { } token && !_applied.Covers(token))
            Refuse(request, Outcome.SessionUnavailable, $"no owner of the partition is within reach, and the stand-in has not seen what the session has ({token}); a call in a session of its own may go on");
        else if (request is WriteRequest write)
            Write(write);
        else
            Read((ReadRequest)request);
    }

    /// <summary>Applies what another stand-in has made, where what it builds on is here. It is held already.</summary>
    public void Take(ReplicaEvent made)
    {
        if (MayCoordinate && !made.LeavesOut && !_clock.Contains(made.Last) && made.IsApplicableAt(_clock)) Apply(made);
    }

    /// <summary>Takes what another stand-in says it holds.</summary>
    public void TakeHeld(NodeId from, HintAckMessage held, long nowMs)
    {
        _peers.Take(from, held, nowMs);
        AnswerMet();
    }

    /// <summary>Takes another stand-in's answer to a read: that it holds nothing more, or what is to be fetched first.</summary>
    public void TakeAnswer(NodeId from, ReadAnswerMessage answer)
    {
        if (!_reads.TryGetValue(answer.Id, out var waiting) || !waiting.Asked.Contains(from)) return;
        if (answer.Clock is null) NoteAnswered(waiting, answer.Id, from);
        else _peers.Say(from, new FetchMessage(id, _clock.Copy()));
    }

    /// <summary>Takes what was fetched from another stand-in, as far as what it builds on is here.</summary>
    public void TakeEvents(NodeId from, EventsMessage message)
    {
        var isProgress = false;
        foreach (var encoded in message.Encoded)
        {
            var one = ReplicaEvent.Decode(encoded);
            if (one.LeavesOut || _clock.Contains(one.Last) || !one.IsApplicableAt(_clock) || !tryHold(one)) continue;
            Apply(one);
            isProgress = true;
        }

        if (message.More && isProgress)
        {
            _peers.Say(from, new FetchMessage(id, _clock.Copy()));
            return;
        }

        foreach (var (number, waiting) in _reads)
            if (waiting.Asked.Contains(from)) NoteAnswered(waiting, number, from);
    }

    /// <summary>Answers the writes whose W is met.</summary>
    public void AnswerMet()
    {
        for (var i = 0; i < _writes.Count; i++)
        {
            var holders = HoldersOf(_writes[i]);
            if (holders.Count < _writes[i].Request.Required) continue;
            Answer(_writes[i], Outcome.Done, holders);
            _writes.RemoveAt(i--);
        }
    }

    /// <summary>Lets time pass: what waits past its deadline is answered, what was not acked is sent again.</summary>
    public void Tick(long nowMs)
    {
        for (var i = _writes.Count - 1; i >= 0; i--)
        {
            if (_writes[i].Request.DeadlineMs > nowMs) continue;
            Answer(_writes[i], Outcome.Indeterminate, HoldersOf(_writes[i]));
            _writes.RemoveAt(i);
        }

        foreach (var (number, waiting) in _reads)
        {
            if (waiting.Request.DeadlineMs > nowMs) continue;
            effects.Reply(waiting.Request, new ReadResult(Outcome.TimedOut, null, 0, AvailableTo(waiting.Request), _applied, StandIns: [self, .. waiting.Answered]));
            _reads.Remove(number);
        }

        Flush(nowMs);
    }

    /// <summary>Sends the other stand-ins what they are not known to hold of what was applied here.</summary>
    public void Flush(long nowMs)
    {
        if (_log.Count > 0) _peers.Send(_log, _stable, nowMs);
    }

    /// <summary>All that was made here is on the owners' disks: the next call finds an empty state again.</summary>
    public void Clear()
    {
        if (_log.Count == 0) return;
        if (_hasMade) (_isCleared, MayCoordinate) = (true, false);
        _keys = new Keyspace();
        _log = new EventLog(settings.StandInMaxBytes);
        _applied = new VersionVector();
    }

    // A stand-in whose journal takes nothing holds nothing durably: it counts towards reads alone.
    private int AvailableTo(ClientRequest request)
    {
        if (!MayCoordinate) return 0;
        var isWrite = request is WriteRequest;
        var available = isWrite && refusing.Contains(self) ? 0 : 1;
        foreach (var peer in _peers.Near)
            if (!isWrite || !refusing.Contains(peer)) available++;
        return Math.Min(available, _replication);
    }

    private void Write(WriteRequest request)
    {
        if (request.OperationId.IsGiven && request.OperationId.DeadlineUnixMs <= NamesPassedMs)
        {
            Refuse(request, Outcome.Expired, "the operation's deadline has passed: it is not executed any more");
            return;
        }

        var context = new UpdateContext(id, _clock, HybridTimestamp.Next(_lastTimestamp, _now.UnixMs), request.OperationId);
        var execution = Execution.Of(request, _keys, context, _now, settings.MaxChangeBytes, _scratch, effects);
        if (execution.Before is { } dot)
        {
            _writes.Add(new WaitingWrite(request, dot));
            AnswerMet();
            return;
        }

        if (execution.Lacking is { } insufficient)
        {
            Refuse(request, Outcome.InsufficientRights, insufficient.Message);
            return;
        }

        if (execution.Made is not { } made)
        {
            Refuse(request, execution.Refusal, execution.Message);
            return;
        }

        if (!tryHold(made))
        {
            Refuse(request, Outcome.Overloaded, $"no owner of the partition is within reach, and this stand-in holds all it may: {settings.StandInMaxBytes} bytes");
            return;
        }

        Apply(made);
        _hasMade = true;
        _writes.Add(new WaitingWrite(request, made.Last));
        AnswerMet();
    }

    private void Read(ReadRequest request)
    {
        var waiting = new WaitingRead(request);
        if (request.Required == 1)
        {
            Answer(waiting);
            return;
        }

        var number = ++_lastRead;
        _reads.Add(number, waiting);
        var question = new ReadQueryMessage(id, number, request.Keys ?? [request.Key], _clock.Copy());
        foreach (var peer in _peers.Near)
        {
            waiting.Asked.Add(peer);
            _peers.Say(peer, question);
        }
    }

    private void NoteAnswered(WaitingRead waiting, ulong number, NodeId from)
    {
        _now.Read();
        waiting.Asked.Remove(from);
        waiting.Answered.Add(from);
        if (waiting.Answered.Count + 1 < waiting.Request.Required) return;
        _reads.Remove(number);
        Answer(waiting);
    }

    private void Answer(WaitingRead waiting)
    {
        IReadOnlyList<NodeId> nodes = [self, .. waiting.Answered];
        ReadResult result;
        try
        {
            result = ResultOf(waiting.Request, nodes);
        }
        catch (Exception unforeseen)
        {
            result = new ReadResult(Outcome.Internal, null, 0, AvailableTo(waiting.Request), _applied, Execution.Unforeseen(waiting.Request, unforeseen, effects), StandIns: nodes);
        }

        effects.Reply(waiting.Request, result);
    }

    private ReadResult ResultOf(ReadRequest request, IReadOnlyList<NodeId> nodes)
    {
        if (request.Keys is { } several)
        {
            var states = new Crdt.Crdt?[several.Count];
            var seen = new VersionVector();
            for (var i = 0; i < states.Length; i++)
            {
                if (_keys.Find(several[i]) is not { } one) continue;
                states[i] = one.AnsweringAt(_now.ExpiredMs)?.State;
                seen.Merge(one.LastChange());
            }

            return new ReadResult(Outcome.Done, null, 0, AvailableTo(request), _applied, Seen: seen, States: states, StandIns: nodes);
        }

        var entry = _keys.Find(request.Key);
        var held = entry?.AnsweringAt(_now.ExpiredMs);
        return held is not null && request.Type is { } wanted && held.State.Type != wanted
            ? new ReadResult(Outcome.WrongType, null, 0, AvailableTo(request), _applied, ReadQuorums.WrongType(held.State.Type, wanted), StandIns: nodes)
            : new ReadResult(Outcome.Done, held?.State, 0, AvailableTo(request), _applied, ExpiresAtMs: entry?.ExpiresAtMs ?? Expiry.Never, Seen: entry?.LastChange(), StandIns: nodes);
    }

    private void Apply(ReplicaEvent made)
    {
        foreach (var change in made.Changes) _keys.Join(change, made, made.Clock, _clock);
        _clock.Advance(made.Origin, made.Last.Sequence);
        _applied.Advance(made.Origin, made.Last.Sequence);
        if (made.Timestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = made.Timestamp;
        _log.Append(made);
    }

    private List<NodeId> HoldersOf(WaitingWrite waiting)
    {
        var holders = new List<NodeId>(_replication);
        if (waiting.Request.Durability == Durability.Memory || durable.Contains(waiting.Dot)) holders.Add(self);
        _peers.AddHoldersOf(waiting.Dot, holders);
        return holders;
    }

    private void Answer(WaitingWrite waiting, Outcome outcome, List<NodeId> holders)
    {
        var clock = new VersionVector();
        clock.Advance(waiting.Dot.Replica, waiting.Dot.Sequence);
        effects.Reply(waiting.Request, new WriteResult(outcome, 0, AvailableTo(waiting.Request), clock, StandIns: holders));
    }

    private void Refuse(ClientRequest request, Outcome outcome, string? message)
    {
        if (request is ReadRequest read) effects.Reply(read, new ReadResult(outcome, null, 0, AvailableTo(request), _applied, message));
        else effects.Reply((WriteRequest)request, new WriteResult(outcome, 0, AvailableTo(request), _applied, message));
    }
}
