using Akka.Actor;
using Akka.Persistence;
using Gossipdb.Crdt;
using Gossipdb.Node.Actors;

namespace Gossipdb.Node.Journal;

/// <summary>
/// The node's journal: group-commits the events of all partitions and reads them back at start. One persisted record holds everything that was appended
/// while the records before it were being written. What nobody waits for is committed with what somebody does, or at the next tick. Order within a partition is kept: nothing is journaled past an append that failed; a failure stops the log for good, and the node
/// refuses writes. Once it is long, the partitions are asked one after the other for an image of their state, and what lies before all of those is deleted.
/// </summary>
internal sealed class CommitLog : UntypedPersistentActor
{
    /// <summary>Records of one partition (or, behind those, of one stand-in: <see cref="NodeContext.OwnerOfJournal"/>), up to its position <paramref name="Position"/>, and whether somebody waits for them.</summary>
    public sealed record Append(int Journal, long Position, IReadOnlyList<byte[]> Events, int Bytes, bool Awaited);

    /// <summary>Commits what waits, awaited or not. One timer of the node tells it every tick.</summary>
    public sealed record LazyTick
    {
        public static readonly LazyTick Instance = new();
    }

    /// <summary>Asks for a <see cref="Protocol.JournalStatus"/>.</summary>
    public sealed record StatusQuery
    {
        public static readonly StatusQuery Instance = new();
    }

    private sealed record CommitTick
    {
        public static readonly CommitTick Instance = new();
    }

    private readonly NodeContext _node;
    private readonly string _path;
    private readonly AppendQueue _waiting;
    private readonly ByteWriter _record = new(64 * 1024);
    private readonly JournalSpace _space;
    private long _waitingBytes;
    private bool _awaited;
    private bool _commitScheduled;
    private bool _failed;
    private int _outstanding;
    private long _commits;
    private long _events;

    public CommitLog(NodeContext node, string path)
    {
        _node = node;
        _path = path;
        _waiting = new AppendQueue(2 * node.Layout.Partitions);
        _space = new JournalSpace(2 * node.Layout.Partitions, node.Settings.JournalBytes);
        node.Health.ReadingJournal(JournalDatabase.BytesOf(path));
    }

    public override string PersistenceId => $"node-{_node.Settings.Id}";

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case byte[] record:
                foreach (var (partition, encoded) in JournalRecord.Decode(record))
                {
                    if (partition >= 2 * _node.Partitions.Length) throw new CorruptDataException($"the journal holds an event of partition {partition}, of which there are {_node.Partitions.Length}");

                    // Of partitions the layout gives to others by now this node may still hold what they lack.
                    var owner = partition < _node.Partitions.Length
                        ? _node.Partitions[partition] ?? _node.Actors.OpenPartition(partition, isRecovering: true)
                        : _node.StandIns[partition - _node.Partitions.Length] ?? _node.Actors.OpenStandIn(partition - _node.Partitions.Length);
                    owner.Tell(new PartitionActor.Recovered(encoded));
                    _space.Note(partition, LastSequenceNr, encoded);
                    _events++;
                }

                _space.Add(LastSequenceNr, record.Length);
                _commits++;
                _node.Health.JournalRecordRead(record.Length);
                break;
            case RecoveryCompleted:
                _node.IsJournalRead = true;
                _node.Health.JournalRead();
                foreach (var partition in _node.Partitions) partition?.Tell(PartitionActor.RecoveryDone.Instance);
                foreach (var standIn in _node.StandIns) standIn?.Tell(PartitionActor.RecoveryDone.Instance);
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Append append:
                if (_failed) return;
                _waiting.Enqueue(append);
                _waitingBytes += append.Bytes;
                _awaited |= append.Awaited;
                if (_awaited || _waitingBytes >= _node.Settings.RecordBytes) ScheduleCommit();
                break;
            case LazyTick:
                Commit();
                if (_space.NextToSnapshot() is { } partition) _node.OwnerOfJournal(partition)?.Tell(PartitionActor.Snapshot.Instance);
                break;
            case DeleteMessagesSuccess:
                break;
            case DeleteMessagesFailure failure:
                _node.Health.Warn($"what the journal no longer needs could not be deleted: {failure.Cause.Message}");
                break;
            case CommitTick:
                _commitScheduled = false;
                Commit();
                break;
            case StatusQuery:
                Sender.Tell(new Protocol.JournalStatus
                {
                    Commits = _commits,
                    Bytes = _space.Bytes,
                    Events = _events,
                    Path = _path,
                    WaitingBytes = _node.JournalBacklog.Bytes,
                    MaxWaitingBytes = _node.JournalBacklog.MaxBytes,
                    HighestWaitingBytes = _node.JournalBacklog.Highest,
                });
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Failed(cause);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Failed(cause);
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _node.Health.Fail($"the journal {_path} cannot be read", reason);

    private void Commit()
    {
        if (_waiting.Count == 0 || _outstanding >= _node.Settings.OutstandingRecords) return;
        var included = new List<Append>();
        var events = 0;
        _record.Clear();
        JournalRecord.Begin(_record);
        while (_waiting.TryDequeue(_node.Settings.RecordBytes - _record.Length, isFirst: included.Count == 0, out var append))
        {
            for (var i = 0; i < append.Events.Count; i++) JournalRecord.Write(_record, append.Journal, append.Events[i]);
            events += append.Events.Count;
            included.Add(append);
            _waitingBytes -= append.Bytes;
        }

        _outstanding++;
        PersistAsync(_record.ToArray(), record => Committed(record, included, events));
        if (_waiting.Count == 0) _awaited = false;
        else ScheduleCommit();
    }

    // Goes behind whatever waits in the mailbox: that much shares the record.
    private void ScheduleCommit()
    {
        if (_commitScheduled) return;
        _commitScheduled = true;
        Self.Tell(CommitTick.Instance);
    }

    private void Committed(byte[] record, List<Append> included, int events)
    {
        _outstanding--;
        _commits++;
        _events += events;
        _space.Add(LastSequenceNr, record.Length);
        long bytes = 0;
        foreach (var append in included)
        {
            bytes += append.Bytes;
            _node.OwnerOfJournal(append.Journal)?.Tell(new PartitionActor.Persisted(append.Position));
            for (var i = 0; i < append.Events.Count; i++) _space.Note(append.Journal, LastSequenceNr, append.Events[i]);
        }

        _node.JournalBacklog.Done(bytes);
        if (_space.TryCut(out var upTo)) DeleteMessages(upTo);
        if (_awaited) Commit();
    }

    private void Failed(Exception cause)
    {
        _failed = true;
        _waiting.Clear();
        _node.Health.JournalFailed(cause.GetBaseException().Message);
        var refuses = new PartitionActor.JournalOf(_node.Settings.Id, TakesWrites: false);
        foreach (var partition in _node.Partitions) partition?.Tell(refuses);
        foreach (var standIn in _node.StandIns) standIn?.Tell(refuses);
    }
}
