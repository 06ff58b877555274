using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// A designated stand-in of a partition: a log, durable and in causal order, of events that some owner may lack. It has no state, answers no client and names no event: its ack means
/// "held durably for the owner" and nothing else (hard case 10). Owners fetch from it as from each other; what every owner has on disk is forgotten.
/// A deterministic state machine with one writer, as <see cref="Replica"/> is.
/// </summary>
public sealed class StandIn
{
    private readonly ReplicaId _id;
    private readonly ReplicaSettings _settings;
    private readonly IReplicaEffects _effects;
    private readonly JournalProgress _journal = new();
    private readonly HashSet<NodeId> _near = [];
    private readonly HashSet<NodeId> _ackOwed = [];
    private readonly ByteWriter _scratch = new();
    private Owner[] _owners = [];
    private EventLog _log = new();

    // Held (on disk or soon), or known to be on the owners' disks.
    private VersionVector _covered = new();
    private bool _isJournalEmpty = true;
    private long _nextOfferMs;

    private sealed class Owner(NodeId node)
    {
        public NodeId Node { get; } = node;
        public ReplicaId Replica { get; set; }
        public VersionVector Durable { get; set; } = new();
    }

    /// <param name="id">Of this process lifetime; tells one life of the node from another.</param>
    /// <param name="owners">The partition's owners.</param>
    /// <param name="settings">Limits and intervals.</param>
    /// <param name="effects">The host.</param>
    public StandIn(ReplicaId id, IReadOnlyList<NodeId> owners, ReplicaSettings settings, IReplicaEffects effects)
    {
        _id = id;
        _settings = settings;
        _effects = effects;
        SetOwners(owners);
    }

    /// <summary>The bytes of what is held.</summary>
    public long HeldBytes => _log.Bytes;

    /// <summary>The layout names these owners from now on.</summary>
    public void SetOwners(IReadOnlyList<NodeId> owners)
    {
        var next = new Owner[owners.Count];
        for (var i = 0; i < next.Length; i++) next[i] = Find(owners[i]) ?? new Owner(owners[i]);
        _owners = next;
    }

    /// <summary>A node was heard again, or has not been heard for too long.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (!reachable)
        {
            _near.Remove(node);
            return;
        }

        if (_near.Add(node) && _log.Bytes > 0 && Find(node) is not null) Tell(node, HeldFlags.ClocksWanted);
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
        foreach (var owner in _owners)
            if (_ackOwed.Contains(owner.Node)) Tell(owner.Node, HeldFlags.None);
        _ackOwed.Clear();
    }

    /// <summary>Takes what an owner says.</summary>
    public void Handle(NodeId from, PeerMessage message, long nowMs)
    {
        switch (message)
        {
            case HoldMessage hold:
                Hold(from, hold);
                break;
            case ClocksMessage clocks:
                Note(from, clocks);
                break;
            case FetchMessage fetch:
                var missing = new List<byte[]>();
                var more = _log.CollectMissing(fetch.Clock, _settings.FetchMaxBytes, missing);
                Send(from, new EventsMessage(_id, AckWanted.None, AnswersFetch: true, more, missing));
                break;
            case ReadQueryMessage query:
                var held = _log.Latest();
                Send(from, new ReadAnswerMessage(_id, query.Sender, query.Id, query.Clock.Covers(held) ? null : held, default));
                break;
            case SurveyMessage survey:
                Send(from, Held(HeldFlags.None) with { Survey = survey.Number });
                break;
            default:
                throw new CorruptDataException($"a stand-in has no use for {message.GetType().Name}");
        }
    }

    /// <summary>Lets time pass: offers what is held to the owners within reach. Call it every few tens of milliseconds.</summary>
    public void Tick(long nowMs)
    {
        if (_log.Bytes == 0 || nowMs < _nextOfferMs) return;
        _nextOfferMs = nowMs + _settings.GossipIntervalMs;
        foreach (var owner in _owners)
            if (_near.Contains(owner.Node)) Tell(owner.Node, HeldFlags.ClocksWanted);
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

    private void Hold(NodeId from, HoldMessage hold)
    {
        _covered.Merge(hold.From);
        _journal.DurableClock.Merge(hold.From);
        var flags = HeldFlags.None;
        var isAppended = false;
        foreach (var encoded in hold.Encoded)
        {
            var one = ReplicaEvent.Decode(encoded);
            if (_covered.Contains(one.Last)) continue;
            if (!one.IsApplicableAt(_covered))
            {
                flags |= HeldFlags.Gap;
                break;
            }

            if (_log.Bytes + encoded.Length > _settings.StandInMaxBytes && !MakeRoom(encoded.Length))
            {
                flags |= HeldFlags.Full;
                break;
            }

            _log.Append(one);
            _covered.Advance(one.Origin, one.Last.Sequence);
            _scratch.Clear();
            _scratch.WriteByte((byte)JournalRecordKind.Held);
            _scratch.WriteRaw(encoded);
            _isJournalEmpty = false;
            Append(_journal.Append(one.Last), awaited: true);
            isAppended = true;
        }

        if (isAppended) _ackOwed.Add(from);
        if (!isAppended || flags != HeldFlags.None) Tell(from, flags);
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
        if (_log.Bytes == 0 && !_isJournalEmpty) DropJournal();
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

    private void Tell(NodeId to, HeldFlags flags) => Send(to, Held(flags));

    private HeldMessage Held(HeldFlags flags) => new(_id, _journal.DurableClock.Copy(), _log.Latest(), _log.Bytes >= _settings.StandInMaxBytes ? flags | HeldFlags.Full : flags);

    private void Send(NodeId to, PeerMessage message) => _effects.Send(to, new StandInMessage(_id, IsForStandIn: false, message));

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
