using Akka.Actor;
using Akka.Persistence;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Actors;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Journal;

/// <summary>
/// The node's journal: group-commits the events of all partitions and reads them back at start. One persisted record holds everything that was appended
/// while the records before it were being written. What nobody waits for is committed with what somebody does, or at the next tick. Order
/// within a partition is kept: nothing is journaled past an append that failed; a failure stops the log for good, and the node
/// refuses writes. Once it is long, the partitions are asked one after the other for an image of their state, and what lies before all of those is deleted.
/// <para>At start Akka recovers no more than the number of the last record: it would pour the whole journal into a mailbox. A
/// <see cref="JournalReader"/> brings it page by page, and each record is handed over before
/// the next page is asked for.</para>
/// </summary>
internal sealed class CommitLog : UntypedPersistentActor
{
    /// <summary>
    /// Records of one partition (or, behind those, of one stand-in: <see cref="NodeContext.OwnerOfJournal"/>), by one of its lives and up
    /// to that one's position, and whether somebody waits for them.
    /// </summary>
    public sealed record Append(int Journal, ReplicaId Life, long Position, IReadOnlyList<byte[]> Events, int Bytes, bool Awaited);

    /// <summary>Who was asked for an image cannot write one now, and why.</summary>
    public sealed record CannotSnapshot(int Journal, string Because);

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
    private readonly Action _journalRead;
    private long _waitingBytes;
    private bool _awaited;
    private bool _commitScheduled;
    private bool _isReading = true;
    private bool _failed;
    private int _outstanding;
    private long _commits;
    private long _events;

    /// <param name="node">The node.</param>
    /// <param name="path">Where the journal is, for people.</param>
    /// <param name="journalRead">Called once the journal has been read to its end.</param>
    public CommitLog(NodeContext node, string path, Action journalRead)
    {
        _node = node;
        _path = path;
        _journalRead = journalRead;
        _waiting = new AppendQueue(2 * node.Layout.Partitions);
        _space = new JournalSpace(2 * node.Layout.Partitions, node.Settings.JournalBytes);
        node.Health.ReadingJournal(JournalDatabase.BytesOf(path));
    }

    public override string PersistenceId => $"node-{_node.Settings.Id}";

    public override Recovery Recovery => Recovery.None;

    // A reader that fails would begin anew, and hand over twice what it has read.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Escalate);

    protected override void OnRecover(object message)
    {
        if (message is not RecoveryCompleted) return;
        if (LastSequenceNr == 0) ReadingEnded();
        else Context.ActorOf(Props.Create(() => new JournalReader(PersistenceId, LastSequenceNr, _node.Settings.RecoveryPage, _node.Settings.ReadPatience)), "reader").Tell(JournalReader.Next.Instance);
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
            case LazyTick when _isReading:
                break;
            case LazyTick:
                Commit();
                if (_space.NextToSnapshot() is { } partition) _node.OwnerOfJournal(partition)?.Tell(PartitionActor.Snapshot.Instance);
                break;
            case CannotSnapshot cannot:
                _space.Skip(cannot.Journal, cannot.Because);
                break;
            case JournalReader.Page page:
                Take(page);
                break;
            case JournalReader.Failed failed:
                _node.Health.Fail($"the journal {_path} cannot be read", failed.Cause);
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
                Sender.Tell(Status());
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

    private Protocol.JournalStatus Status()
    {
        var status = new Protocol.JournalStatus
        {
            Commits = _commits,
            Bytes = _space.Bytes,
            Events = _events,
            Path = _path,
            WaitingBytes = _node.JournalBacklog.Bytes,
            MaxWaitingBytes = _node.JournalBacklog.MaxBytes,
            HighestWaitingBytes = _node.JournalBacklog.Highest,
        };
        if (_space.HeldBackBy is var (journal, because))
            status.HeldBack = new Protocol.JournalHold { Partition = (uint)(journal % _node.Partitions.Length), IsStandIn = journal >= _node.Partitions.Length, Because = because };
        return status;
    }

    private void Take(JournalReader.Page page)
    {
        foreach (var (number, record) in page.Records)
        {
            if (!TryTake(number, record)) return;
        }

        if (page.IsLast) ReadingEnded();
        else Sender.Tell(JournalReader.Next.Instance);
    }

    // A record that nobody takes is the end of the node: to go on without it is to lose what was acked.
    private bool TryTake(long number, byte[] record)
    {
        var whose = "no record at all";
        try
        {
            foreach (var (journal, encoded) in JournalRecord.Decode(record))
            {
                whose = $"{_node.Hosts.NameOf(journal)}, of kind {(encoded.Length == 0 ? "none" : ((JournalRecordKind)encoded[0]).ToString())}";
                _node.Hosts.Recover(journal, encoded);
                _space.Note(journal, number, encoded);
                _events++;
            }

            _space.Add(number, record.Length);
            _commits++;
            _node.Health.JournalRecordRead(record.Length);
            return true;
        }
        catch (Exception unusable)
        {
            _node.Health.Fail($"record {number} of the journal {_path} cannot be recovered ({whose})", unusable);
            return false;
        }
    }

    private void ReadingEnded()
    {
        _isReading = false;
        _node.Health.JournalRead();
        _journalRead();
    }

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
            _node.OwnerOfJournal(append.Journal)?.Tell(new PartitionActor.Persisted(append.Life, append.Position));
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
