using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Handoff;

/// <summary>
/// What a fallback node holds of a partition: a log of events that some owner may lack, durable and in causal order (hinted hand-off;
/// DeCandia et al., "Dynamo", 2007, section 4.6).
/// <para>The log has no state, answers no client and makes no event. Its ack means "held durably for the owner" and nothing else. What
/// every owner has on disk is forgotten. Past the budget, what a majority has on disk is forgotten too (hard case 17).</para>
/// </summary>
internal sealed class HintLog(ReplicaSettings settings, IJournal journal)
{
    private sealed class Owner(NodeId node)
    {
        public NodeId Node { get; } = node;
        public ReplicaId Replica { get; set; }
        public VersionVector Durable { get; set; } = new();
    }

    private readonly JournalProgress _progress = new();
    private readonly ByteWriter _scratch = new();
    private Owner[] _owners = [];
    private EventLog _log = new();

    // What is held, on disk or soon, or is known to be on the owners' disks.
    private VersionVector _covered = new();
    private bool _isJournalEmpty = true;

    // Something before is damaged: what builds on it is not held for anybody any more.
    private string? _damage;
    private int _lost;

    /// <summary>The bytes of what is held.</summary>
    public long Bytes => _log.Bytes;

    /// <summary>How many changes (events) are held.</summary>
    public int Changes => _log.Count;

    /// <summary>True where it takes no more.</summary>
    public bool IsFull => _log.Bytes >= settings.StandInMaxBytes;

    /// <summary>What is held durably, or is on the owners' disks.</summary>
    public ClockView Durable => _progress.Durable;

    /// <summary>What of the journal was damaged, in words for people, and how many events that it held are lost with it.</summary>
    public (string? What, int Lost) Damage => (_damage, _lost);

    /// <summary>N: how many owners the layout names.</summary>
    public int OwnerCount => _owners.Length;

    /// <summary>The owners, in the layout's order.</summary>
    public IEnumerable<NodeId> Owners
    {
        get
        {
            foreach (var owner in _owners) yield return owner.Node;
        }
    }

    /// <summary>The last event of each origin that is held.</summary>
    public VersionVector Latest() => _log.Latest();

    /// <summary>True where a node is an owner.</summary>
    public bool IsOwner(NodeId node) => Find(node) is not null;

    /// <summary>Takes up the owners that the layout names. What is known of those that stay is kept.</summary>
    public void SetOwners(IReadOnlyList<NodeId> owners)
    {
        var next = new Owner[owners.Count];
        for (var i = 0; i < next.Length; i++) next[i] = Find(owners[i]) ?? new Owner(owners[i]);
        _owners = next;
    }

    /// <summary>Takes an event. False where there is no room for it.</summary>
    public bool TryHold(ReplicaEvent one)
    {
        if (_covered.Contains(one.Last)) return true;
        if (_log.Bytes + one.Encoded.Length > settings.StandInMaxBytes && !MakeRoom(one.Encoded.Length)) return false;
        _log.Append(one);
        _covered.Advance(one.Origin, one.Last.Sequence);
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.Held);
        _scratch.WriteRaw(one.Encoded);
        _isJournalEmpty = false;
        journal.AppendRecord(_scratch.ToArray(), _progress.Append(one.Last), awaited: true);
        return true;
    }

    /// <summary>Takes the events of a hint, up to a gap or until there is no more room.</summary>
    /// <param name="hint">The events.</param>
    /// <param name="taken">Is told of each event that was not held before.</param>
    /// <returns>Whether anything was appended, and what kept the rest out.</returns>
    public (bool IsAppended, HintAckFlags Flags) Take(HintMessage hint, Action<ReplicaEvent>? taken)
    {
        _covered.Merge(hint.From);
        _progress.MarkHeldElsewhere(hint.From);
        var isAppended = false;
        foreach (var encoded in hint.Encoded)
        {
            var one = ReplicaEvent.Decode(encoded);
            if (_covered.Contains(one.Last)) continue;
            if (!one.IsApplicableAt(_covered)) return (isAppended, HintAckFlags.Gap);
            if (!TryHold(one)) return (isAppended, HintAckFlags.Full);
            taken?.Invoke(one);
            isAppended = true;
        }

        return (isAppended, HintAckFlags.None);
    }

    /// <summary>Collects events that a clock does not cover.</summary>
    /// <param name="clock">What is not missing.</param>
    /// <param name="isForOwner">
    /// True where an owner asks. An owner gets only what is on disk here. If it got more and this process died, the next incarnation would
    /// not know of it when a stability poll asks what it holds (hard case 3).
    /// </param>
    /// <param name="into">Where to.</param>
    /// <returns>True where more is missing.</returns>
    public bool CollectMissing(VersionVector clock, bool isForOwner, List<byte[]> into) =>
        _log.CollectMissing(clock, settings.FetchMaxBytes, into, upTo: isForOwner ? _progress.Durable : default(ClockView?));

    /// <summary>All that is held and that a clock does not cover, in causal order.</summary>
    public List<byte[]> Missing(ClockView clock)
    {
        var missing = new List<byte[]>();
        _log.CollectMissing(clock, int.MaxValue, missing);
        return missing;
    }

    /// <summary>Notes what an owner has on disk. Forgets what all owners have.</summary>
    /// <returns>False where the node is no owner.</returns>
    public bool Note(NodeId from, ClocksMessage clocks)
    {
        if (Find(from) is not { } owner) return false;
        if (owner.Replica != clocks.Sender)
        {
            owner.Replica = clocks.Sender;
            owner.Durable = new VersionVector();
        }

        owner.Durable.Merge(clocks.Durable);
        Forget(_owners.Length);
        if (_log.Bytes == 0 && !_isJournalEmpty) DropJournal();
        return true;
    }

    /// <summary>Everything up to <paramref name="position"/> is durable.</summary>
    public void Persisted(long position) => _progress.MarkDurable(position);

    /// <summary>The journal takes nothing more in this incarnation.</summary>
    public void EndJournal() => _progress.End();

    /// <summary>Takes back a record of the journal, in order.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record of a fallback node.</exception>
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

    /// <summary>
    /// Here stood a record that is damaged or missing. What comes behind it is held only where it does not build on that: to hold an event
    /// is to claim that nothing before it is missing.
    /// </summary>
    public void RecoverDamage(string what)
    {
        _damage ??= what;
    }

    /// <summary>Writes all that is held anew, in one record, because the journal is long. What lies before can go.</summary>
    public void Rewrite()
    {
        if (_isJournalEmpty) return;
        if (_log.Bytes == 0)
        {
            DropJournal();
            return;
        }

        var held = Missing(new VersionVector());
        _scratch.Clear();
        _scratch.WriteByte((byte)JournalRecordKind.HeldAll);
        _scratch.WriteVarint((ulong)held.Count);
        foreach (var encoded in held) _scratch.WriteBytes(encoded);
        journal.AppendRecord(_scratch.ToArray(), _progress.Append(null, null), awaited: false);
    }

    private bool MakeRoom(int bytes)
    {
        Forget((_owners.Length / 2) + 1);
        return _log.Bytes + bytes <= settings.StandInMaxBytes;
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
        _isJournalEmpty = true;
        journal.AppendRecord([(byte)JournalRecordKind.Dropped], _progress.Append(null, null), awaited: false);
    }

    // When an event was taken, what it depends on was held here or on the owners' disks.
    private void RecoverEvent(byte[] encoded)
    {
        var one = ReplicaEvent.Decode(encoded);
        if (_damage is not null && !one.IsApplicableAt(_covered))
        {
            _lost++;
            return;
        }

        _covered.Merge(one.Clock);
        _covered.Advance(one.Origin, one.Last.Sequence);
        _progress.MarkHeldElsewhere(_covered);
        _log.Append(one);
    }

    private void Clear()
    {
        _log = new EventLog();
        _covered = new VersionVector();
        _damage = null;
    }

    private Owner? Find(NodeId node)
    {
        foreach (var owner in _owners)
            if (owner.Node == node) return owner;
        return null;
    }
}
