using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

/// <summary>
/// A designated stand-in of a partition: a log, durable and in causal order, of events that some owner may lack. The log has no state, answers no client and names no event: its ack means
/// "held durably for the owner" and nothing else. Owners fetch from it as from each other; what every owner has on disk is forgotten.
/// <para>Where no owner is within reach, the <see cref="FallbackCoordinator"/> beside it takes clients' calls, from an empty state of its own (hard case 10); what it makes goes into the log.</para>
/// A deterministic state machine with one writer, as <see cref="Replica"/> is.
/// </summary>
public sealed class FallbackReplica
{
    private readonly NodeId _self;
    private readonly ReplicaSettings _settings;
    private readonly IReplicaEffects _effects;
    private readonly JournalProgress _journal = new();
    private readonly HashSet<NodeId> _near = [];
    private readonly HashSet<NodeId> _refusing = [];
    private readonly HashSet<(NodeId Node, bool IsFallback)> _ackOwed = [];
    private FallbackCoordinator _coordinator;
    private readonly ByteWriter _scratch = new();
    private Owner[] _owners = [];
    private IReadOnlyList<NodeId> _fallbacks = [];
    private EventLog _log = new();

    // Held (on disk or soon), or known to be on the owners' disks.
    private VersionVector _covered = new();
    private bool _isJournalEmpty = true;
    private bool _isLeaving;
    private bool _hasToBeKnown;
    private long _nextOfferMs;

    private sealed class Owner(NodeId node)
    {
        public NodeId Node { get; } = node;
        public ReplicaId Replica { get; set; }
        public VersionVector Durable { get; set; } = new();
    }

    /// <param name="id">Of this process lifetime and of nothing else in it: it names what is made here, until the coordinator begins empty again.</param>
    /// <param name="self">The node.</param>
    /// <param name="owners">The partition's owners.</param>
    /// <param name="fallbacks">Who may stand in for them, the first to be asked in front.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="effects">The host.</param>
    public FallbackReplica(ReplicaId id, NodeId self, IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId> fallbacks, ReplicaSettings settings, IReplicaEffects effects)
    {
        (Id, _self) = (id, self);
        _settings = settings;
        _effects = effects;
        _near.Add(self);
        _coordinator = new FallbackCoordinator(id, self, _near, _refusing, _journal.DurableClock, TryHold, settings, effects);
        SetLayout(owners, fallbacks);
    }

    /// <summary>The name of what is made here now.</summary>
    public ReplicaId Id { get; private set; }

    /// <summary>The bytes of what is held.</summary>
    public long HeldBytes => _log.Bytes;

    /// <summary>Whether it may take clients' calls.</summary>
    public bool MayCoordinate => _coordinator.MayCoordinate;

    /// <summary>The layout names these owners, and these to stand in for them, from now on.</summary>
    public void SetLayout(IReadOnlyList<NodeId> owners, IReadOnlyList<NodeId> fallbacks)
    {
        var next = new Owner[owners.Count];
        for (var i = 0; i < next.Length; i++) next[i] = Find(owners[i]) ?? new Owner(owners[i]);
        _owners = next;
        _fallbacks = fallbacks;
        _coordinator.SetFallbackPeers(FallbackKnowledge.FirstOf(fallbacks, owners.Count), owners.Count);
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (!reachable)
        {
            _near.Remove(node);
            return;
        }

        if (_near.Add(node) && _log.Bytes > 0 && Find(node) is not null) Tell(node, HintAckFlags.ClocksWanted);
    }

    /// <summary>
    /// A node's journal takes writes again, or none any more. This node's own takes none any more for as long as the process lives.
    /// </summary>
    public void SetTakesWrites(NodeId node, bool takesWrites)
    {
        if (node == _self && !takesWrites) _journal.End();
        if (takesWrites) _refusing.Remove(node);
        else _refusing.Add(node);
    }

    /// <summary>Takes back a record of the journal, in order.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record of a stand-in.</exception>
    public void Recover(byte[] record)
    {
        switch ((JournalRecordKind)record[0])
        {
            case JournalRecordKind.Held:
                RecoverEvent(record[1..]);
                break;
            case JournalRecordKind.HeldAll:
                Clear();
                var reader = new ByteReader(record.AsSpan(1));
                for (var left = reader.ReadCount(minimumBytesEach: 20); left > 0; left--) RecoverEvent(reader.ReadSpan().ToArray());
                reader.ExpectEnd();
                break;
            case JournalRecordKind.Dropped:
                Clear();
                break;
            default:
                throw new CorruptDataException($"record kind {record[0]} in the journal of a stand-in");
        }

        _isJournalEmpty = _log.Bytes == 0;
    }

    /// <summary>Everything up to <paramref name="position"/> of the appended records is durable: acks that wait leave.</summary>
    public void Persisted(long position)
    {
        _journal.MarkDurable(position);
        foreach (var (node, isFallback) in _ackOwed) Tell(node, HintAckFlags.None, isFallback);
        _ackOwed.Clear();
        _coordinator.AnswerMet();
    }

    /// <summary>Takes a client's call, where no owner is within reach of it.</summary>
    public void Handle(ClientRequest request, long nowMs) => _coordinator.Handle(request, nowMs);

    /// <summary>Ends a batch of inputs: what was made since the last call goes to the other stand-ins.</summary>
    public void Flush(long nowMs) => _coordinator.Flush(nowMs);

    /// <summary>Takes what an owner says, or another stand-in.</summary>
    public void Handle(NodeId from, FallbackMessage said, long nowMs)
    {
        var message = said.Inner;
        if (said.IsOfFallback)
        {
            HandleFallbackPeer(from, message, nowMs);
            return;
        }

        switch (message)
        {
            case HintMessage hold:
                Hold(from, hold, isOfFallbackPeer: false);
                break;
            case ClocksMessage clocks:
                Note(from, clocks);
                break;
            case FetchMessage fetch:
                AnswerFetch(from, fetch, isFallback: false);
                break;
            case ReadQueryMessage query:
                AnswerQuery(from, query, isFallback: false);
                break;
            case StabilityPollMessage survey:
                AnswerPoll(from, survey);
                break;
            default:
                throw new CorruptDataException($"a stand-in has no use for {message.GetType().Name}");
        }
    }

    private void HandleFallbackPeer(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HintMessage hold:
                Hold(from, hold, isOfFallbackPeer: true);
                break;
            case HintAckMessage held:
                _coordinator.TakeHeld(from, held, nowMs);
                break;
            case FetchMessage fetch:
                AnswerFetch(from, fetch, isFallback: true);
                break;
            case ReadQueryMessage query:
                AnswerQuery(from, query, isFallback: true);
                break;
            case ReadAnswerMessage answer when answer.Asker == Id:
                _coordinator.TakeAnswer(from, answer);
                break;
            case EventsMessage events:
                _coordinator.TakeEvents(from, events);
                break;
        }
    }

    // An owner gets what is on disk here: what this process made and took with it, its next life would know nothing of when it is asked what it holds (hard case 3).
    private void AnswerFetch(NodeId to, FetchMessage fetch, bool isFallback)
    {
        var missing = new List<byte[]>();
        var more = _log.CollectMissing(fetch.Clock, _settings.FetchMaxBytes, missing, upTo: isFallback ? null : _journal.DurableClock);
        Send(to, new EventsMessage(Id, AckWanted.None, AnswersFetch: true, more, missing), isFallback);
    }

    private void AnswerQuery(NodeId to, ReadQueryMessage query, bool isFallback)
    {
        var held = _log.Latest();
        Send(to, new ReadAnswerMessage(Id, query.Sender, query.Id, query.Clock.Covers(held) ? null : held, default), isFallback);
    }

    // What an earlier life of this node was asked to promise binds this one to nothing: whoever asks learns who is here.
    private void AnswerPoll(NodeId to, StabilityPollMessage survey)
    {
        if (survey.Of != Id)
        {
            Tell(to, HintAckFlags.None);
            return;
        }

        _hasToBeKnown = false;

        _isLeaving = survey.IsLeaving;
        _coordinator.Promise(survey);
        var flags = _coordinator.HasPromised ? HintAckFlags.Promised : HintAckFlags.None;
        Send(to, Held(flags) with { StabilityPoll = survey.Number, AtMs = _coordinator.NamesPassedMs });
    }

    /// <summary>Lets time pass: offers what is held to the owners within reach. Call it every few tens of milliseconds with a fresh random number.</summary>
    public void Tick(long nowMs, uint random)
    {
        _coordinator.Tick(nowMs);
        if (_coordinator.IsSpent) Renew(random);
        if ((_log.Bytes == 0 && !_hasToBeKnown) || nowMs < _nextOfferMs) return;
        _nextOfferMs = nowMs + _settings.GossipIntervalMs;
        foreach (var owner in _owners)
            if (_near.Contains(owner.Node)) Tell(owner.Node, HintAckFlags.ClocksWanted);
    }

    // The old id has ended, as a process's does: it is retired, and the rights it gave itself are inherited.
    private void Renew(uint random)
    {
        Id = ReplicaId.Create(_effects.Time.UnixMs, random);
        var before = _coordinator;
        _coordinator = new FallbackCoordinator(Id, _self, _near, _refusing, _journal.DurableClock, TryHold, _settings, _effects);
        _coordinator.Continue(before);
        _coordinator.SetFallbackPeers(FallbackKnowledge.FirstOf(_fallbacks, _owners.Length), _owners.Length);
        _hasToBeKnown = true;
    }

    /// <summary>The journal is long: what is held is written anew, in one record, so that what lies before can go.</summary>
    public void Rewrite()
    {
        if (_isJournalEmpty) return;
        if (_log.Bytes == 0)
        {
            DropJournal();
            return;
        }

        var held = new List<byte[]>();
        _log.CollectMissing(new VersionVector(), int.MaxValue, held);
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.HeldAll);
        _scratch.WriteVarint((ulong)held.Count);
        foreach (var encoded in held) _scratch.WriteBytes(encoded);
        Append(_journal.Append(null, null), awaited: false);
    }

    private void Hold(NodeId from, HintMessage hold, bool isOfFallbackPeer)
    {
        if (_isLeaving) return;
        if (isOfFallbackPeer) _coordinator.TakeStable(hold.From);
        _covered.Merge(hold.From);
        _journal.DurableClock.Merge(hold.From);
        var flags = HintAckFlags.None;
        var isAppended = false;
        foreach (var encoded in hold.Encoded)
        {
            var one = ReplicaEvent.Decode(encoded);
            if (_covered.Contains(one.Last)) continue;
            if (!one.IsApplicableAt(_covered))
            {
                flags |= HintAckFlags.Gap;
                break;
            }

            if (!TryHold(one))
            {
                flags |= HintAckFlags.Full;
                break;
            }

            if (isOfFallbackPeer) _coordinator.Take(one);
            isAppended = true;
        }

        if (isAppended) _ackOwed.Add((from, isOfFallbackPeer));
        if (!isAppended || flags != HintAckFlags.None) Tell(from, flags, isOfFallbackPeer);
    }

    /// <summary>Takes an event into the log; false where there is no room for it.</summary>
    private bool TryHold(ReplicaEvent one)
    {
        if (_covered.Contains(one.Last)) return true;
        if (_log.Bytes + one.Encoded.Length > _settings.StandInMaxBytes && !MakeRoom(one.Encoded.Length)) return false;
        _log.Append(one);
        _covered.Advance(one.Origin, one.Last.Sequence);
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.Held);
        _scratch.WriteRaw(one.Encoded);
        _isJournalEmpty = false;
        Append(_journal.Append(one.Last), awaited: true);
        return true;
    }

    private void Note(NodeId from, ClocksMessage clocks)
    {
        if (Find(from) is not { } owner) return;
        if (owner.Replica != clocks.Sender)
        {
            owner.Replica = clocks.Sender;
            owner.Durable = new VersionVector();
        }

        owner.Durable.Merge(clocks.Durable);
        Forget(_owners.Length);
        if (_log.Bytes > 0) return;
        if (!_isJournalEmpty) DropJournal();
        _coordinator.Clear();
    }

    // Hard case 17: past the budget a majority has to do.
    private bool MakeRoom(int bytes)
    {
        Forget((_owners.Length / 2) + 1);
        return _log.Bytes + bytes <= _settings.StandInMaxBytes;
    }

    private void Forget(int owners) => _log.ForgetWhile(dot =>
    {
        var having = 0;
        foreach (var owner in _owners)
            if (owner.Durable.Contains(dot)) having++;
        return having >= owners;
    });

    private void DropJournal()
    {
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.Dropped);
        _isJournalEmpty = true;
        Append(_journal.Append(null, null), awaited: false);
    }

    private void Append(long position, bool awaited) => _effects.AppendRecord(_scratch.ToArray(), position, awaited);

    private void Tell(NodeId to, HintAckFlags flags, bool isFallback = false) => Send(to, Held(flags), isFallback);

    private HintAckMessage Held(HintAckFlags flags) => new(Id, _journal.DurableClock.Copy(), _log.Latest(), _log.Bytes >= _settings.StandInMaxBytes ? flags | HintAckFlags.Full : flags);

    private void Send(NodeId to, PeerMessage message, bool isFallback = false) => _effects.Send(to, new FallbackMessage(Id, isFallback, message, IsOfFallback: true));

    // What an event depends on was held or on the owners' disks when it was taken.
    private void RecoverEvent(byte[] encoded)
    {
        var one = ReplicaEvent.Decode(encoded);
        _covered.Merge(one.Clock);
        _covered.Advance(one.Origin, one.Last.Sequence);
        _journal.DurableClock.Merge(_covered);
        _log.Append(one);
    }

    private void Clear()
    {
        _log = new EventLog();
        _covered = new VersionVector();
    }

    private Owner? Find(NodeId node)
    {
        foreach (var owner in _owners)
            if (owner.Node == node) return owner;
        return null;
    }
}
