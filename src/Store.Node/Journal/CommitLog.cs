using System.Diagnostics;
using Akka.Actor;
using Akka.Persistence;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Hosting;

namespace Gossipdb.Node.Journal;

/// <summary>
/// The node's journal: group-commits the events of all partitions and reads them back at start. One persisted record holds everything
/// that was appended while the records before it were being written. What nobody waits for is committed with what somebody does, or at
/// the next tick. Order within a partition is kept: nothing is journaled past an append that failed; a failure stops the log for good,
/// and the node refuses writes. Once it is long, the partitions are asked one after the other for an image of their state, and what no
/// partition needs any more is deleted (<see cref="JournalSpace"/>).
/// <para>At start Akka recovers no more than the number of the last record: it would pour the whole journal into a mailbox. A
/// <see cref="JournalReader"/> brings it page by page, in several passes, and each page is handed over (<see cref="JournalReplay"/>) before
/// the one after the next is asked for. Partitions whose pass has ended append while others are still read.</para>
/// </summary>
internal sealed class CommitLog : UntypedPersistentActor
{
    /// <summary>
    /// Records of one owner (<see cref="IJournalOwners"/>), by one of its lives and up to that one's position, and whether somebody waits
    /// for them.
    /// </summary>
    public sealed record Append(
        int Journal, ReplicaId Incarnation, long Position, IReadOnlyList<byte[]> Events, int Bytes, bool Awaited,
        IReadOnlyList<TraceSpan>? Spans = null);

    /// <summary>What was appended since the last of these.</summary>
    public sealed record Appends(IReadOnlyList<Append> All);

    /// <summary>Who was asked for an image cannot write one now, and why.</summary>
    public sealed record CannotSnapshot(int Journal, string Because);

    /// <summary>Commits what waits, awaited or not. Told every tick (<see cref="NodeJournal.Tick"/>).</summary>
    public sealed record LazyTick
    {
        public static readonly LazyTick Instance = new();
    }

    /// <summary>Asks for a <see cref="JournalStatus"/>.</summary>
    public sealed record StatusQuery : IPartQuestion
    {
        public static readonly StatusQuery Instance = new();
    }

    /// <summary>Something in the journal is damaged: everybody is to write an image, so that it can go.</summary>
    public sealed record SnapshotAll
    {
        public static readonly SnapshotAll Instance = new();
    }

    /// <summary>Asks for a <see cref="JournalRoom"/>.</summary>
    public sealed record RoomQuery : IPartQuestion
    {
        public static readonly RoomQuery Instance = new();
    }

    private sealed record CommitTick
    {
        public static readonly CommitTick Instance = new();
    }

    private sealed record PageTaken
    {
        public static readonly PageTaken Instance = new();
    }

    // Who refused it has said so.
    private sealed record PageRefused
    {
        public static readonly PageRefused Instance = new();
    }

    private const int MostHolders = 8;
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private readonly JournalBacklog _backlog;
    private readonly CommitFigures _figures;
    private readonly IJournalOwners _owners;
    private readonly string _name;
    private readonly JournalDatabase _database;
    private readonly JournalDamage _damage;
    private bool _isDamaged;
    private readonly AppendQueue _waiting;
    private readonly JournalRecord.Builder _record = new();
    private readonly JournalSpace _space;
    private readonly JournalReplay _replay;

    // What is handed over, and what was read meanwhile.
    private IActorRef _reader = ActorRefs.Nobody;
    private JournalPage? _page;
    private JournalPage? _next;
    private long _waitingBytes;
    private bool _awaited;
    private bool _commitScheduled;
    private bool _failed;
    private int _outstanding;
    private long _commits;
    private long _events;
    private long _writtenBytes;
    private long _imageBytes;
    private long _lastImageUnixMs;

    /// <param name="settings">The node's settings.</param>
    /// <param name="health">Told how far the journal has been read, and when it fails.</param>
    /// <param name="backlog">Told what has been written.</param>
    /// <param name="figures">Told how long commits take.</param>
    /// <param name="damage">Told what of it is damaged.</param>
    /// <param name="owners">Who the records are of.</param>
    /// <param name="database">What the journal is in.</param>
    public CommitLog(
        NodeSettings settings, NodeHealth health, JournalBacklog backlog, CommitFigures figures, JournalDamage damage,
        IJournalOwners owners, JournalDatabase database)
    {
        (_database, _damage, _figures) = (database, damage, figures);
        (_settings, _health, _backlog, _owners) = (settings, health, backlog, owners);
        _name = database.Name;
        _waiting = new AppendQueue(2 * settings.Partitions);
        _space = new JournalSpace(2 * settings.Partitions, settings.JournalBytes);
        _replay = new JournalReplay(settings, health, damage, owners, _space, database);
    }

    public override string PersistenceId => $"node-{_settings.Id}";

    public override Recovery Recovery => Recovery.None;

    // A reader that fails would begin anew, and hand over twice what it has read.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Escalate);

    protected override void OnRecover(object message)
    {
        if (message is not RecoveryCompleted) return;
        if (LastSequenceNr == 0)
        {
            while (IsReading) EndPass();
            return;
        }

        _reader = Context.ActorOf(
            Props.Create(() => new JournalReader(PersistenceId, LastSequenceNr, _settings.RecoveryPage, _settings.ReadPatience)),
            "reader");
        _reader.Tell(JournalReader.Next.Instance);
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Appends appends:
                if (_failed) return;
                for (var i = 0; i < appends.All.Count; i++) Take(appends.All[i]);
                if (IsDue) ScheduleCommit();
                break;
            case LazyTick:
                Commit();
                _space.Tick();
                _figures.JournalBytes = _space.Bytes;
                if (!IsReading && _isDamaged && _health.IsReady) EndDamage();
                WriteImages();
                break;
            case CannotSnapshot cannot:
                _space.Skip(cannot.Journal, cannot.Because);
                break;
            case JournalPage page:
                Take(page);
                break;
            case PageTaken:
                HandedOver();
                break;
            case PageRefused:
                break;
            case JournalReader.Failed failed:
                _database.NoteFailure(failed.Cause);
                _health.Fail($"the journal {_name} cannot be read", failed.Cause);
                break;
            case SnapshotAll:
                _space.BeginRound();
                break;
            case DeleteMessagesSuccess:
                break;
            case DeleteMessagesFailure failure:
                _health.Warn($"what the journal no longer needs could not be deleted: {failure.Cause.Message}; "
                    + "it is tried again, and until then the journal grows: look at the disk");
                break;
            case CommitTick:
                _commitScheduled = false;
                Commit();
                break;
            case StatusQuery:
                Sender.Tell(Status());
                break;
            case RoomQuery:
                Sender.Tell(Room());
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
        _health.Fail($"the journal {_name} cannot be read", reason);

    private bool IsReading => _replay.IsReading;

    // Somebody waits for it, or it fills a record: then no tick is waited for.
    private bool IsDue => _awaited || _waitingBytes >= _settings.RecordBytes;

    // What was damaged has been mended: it goes from the journal. What made all partitions suspect is no longer said.
    private void EndDamage()
    {
        if (_backlog.Bytes > 0) return;
        _isDamaged = false;
        _space.BeginRound();
        if (_database.Suspicion is not null) _database.SuspicionEnded();
    }

    private JournalRoom Room() => new()
    {
        Status = Status(),
        Limit = _space.Limit,
        LiveBytes = _space.LiveBytes,
        LastRecord = _space.Last,
        DiskBytes = _database.BytesOnDisk(),
        FreeBytes = _database.FreeBytes(),
        Images = _space.Asked,
        LastImageUnixMs = _lastImageUnixMs,
        WrittenBytes = _writtenBytes,
        ImageBytes = _imageBytes,
        Oldest = _space.Holders(MostHolders),
    };

    private JournalStatus Status() => new()
    {
        Path = _name,
        Commits = _commits + _replay.Records,
        Events = _events + _replay.Entries,
        Bytes = _space.Bytes,
        FirstRecord = _space.First,
        WaitingBytes = _backlog.Bytes,
        MaxWaitingBytes = _backlog.MaxBytes,
        HighestWaitingBytes = _backlog.Highest,
        HeldBack = _space.HeldBackBy,
    };

    private void Take(Append append)
    {
        _waiting.Enqueue(append);
        _waitingBytes += append.Bytes;
        _awaited |= append.Awaited;
    }

    // One page is handed over while the next one is read.
    private void Take(JournalPage page)
    {
        if (_page is null) HandOver(page);
        else _next = page;
    }

    private void HandOver(JournalPage page)
    {
        _page = page;
        _next = null;
        if (!page.IsLast) _reader.Tell(JournalReader.Next.Instance);
        _replay.TakeAsync(page).PipeTo(
            Self,
            success: static taken => taken ? PageTaken.Instance : PageRefused.Instance,
            failure: static cause => new JournalReader.Failed(cause));
    }

    private void HandedOver()
    {
        var page = _page!;
        _page = null;
        if (page.IsLast) EndPass();
        else if (_next is { } next) HandOver(next);
    }

    private void EndPass()
    {
        _replay.EndPass();
        if (_damage.Now is ( > 0, var found))
        {
            _isDamaged = true;
            _health.JournalDamaged(found[0]);
        }

        if (_replay.IsReading) _reader.Tell(JournalReader.Again.Instance);
        else if (!_reader.IsNobody()) Context.Stop(_reader);
    }

    private void Commit()
    {
        if (_waiting.Count == 0 || _outstanding >= _settings.OutstandingRecords) return;
        var included = new List<Append>();
        var events = 0;
        while (_waiting.TryDequeue(_settings.RecordBytes - _record.Length, isFirst: included.Count == 0, out var append))
        {
            for (var i = 0; i < append.Events.Count; i++) _record.Add(append.Journal, append.Events[i]);
            events += append.Events.Count;
            included.Add(append);
            _waitingBytes -= append.Bytes;
            if (append.Spans is not null) JournalSpans.Begin(append.Spans);
        }

        _outstanding++;
        var began = Stopwatch.GetTimestamp();
        PersistAsync(_record.Make(), record =>
        {
            _figures.Committed(began, events, record.Length);
            Committed(record, included, events);
        });
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
        _writtenBytes += record.Length;
        _space.Add(LastSequenceNr, record.Length);
        var (bytes, ofImages) = (0L, 0L);
        foreach (var append in included)
        {
            bytes += append.Bytes;
            if (append.Spans is not null) JournalSpans.Written(append.Spans, included.Count, events, record.Length);
            for (var i = 0; i < append.Events.Count; i++)
            {
                _space.Note(append.Journal, LastSequenceNr, append.Events[i]);
                if (JournalNeeds.IsOfImage(append.Events[i])) ofImages += append.Events[i].Length;
            }
        }

        _imageBytes += ofImages;
        _backlog.Done(bytes);
        _space.Earn(Math.Max(0, record.Length - ofImages), _backlog.IsBehind);
        Confirm(included);
        if (!IsReading && _space.TryCut(out var upTo)) DeleteMessages(upTo);
        if (IsDue) Commit();
        WriteImages();
    }

    // Of appends of one life that lie beside each other the last one says all.
    private void Confirm(List<Append> included)
    {
        using var turn = Turn.Begin();
        for (var i = 0; i < included.Count; i++)
        {
            var (journal, incarnation) = (included[i].Journal, included[i].Incarnation);
            if (i + 1 < included.Count && included[i + 1].Journal == journal && included[i + 1].Incarnation == incarnation) continue;
            _owners.Persisted(journal, incarnation, included[i].Position);
        }
    }

    // Here and now: an image that waited for another thread would be late where the machine is busy, and the journal as much longer as is
    // written meanwhile. Partitions that are still read write none: until all have been nothing is cut off. None is begun where what waits
    // has reached its limit: the images of all partitions would keep writes refused until they are on disk.
    private void WriteImages()
    {
        using var turn = Turn.Begin();
        while (!IsReading && !_backlog.IsFull && _space.NextToSnapshot() is { } owner)
        {
            _lastImageUnixMs = _database.Time.GetUtcNow().ToUnixTimeMilliseconds();
            _owners.WriteImage(owner);
        }
    }

    private void Failed(Exception cause)
    {
        _failed = true;
        _waiting.Clear();
        _health.JournalFailed(cause.GetBaseException().Message);
        _owners.TellAll(new JournalState(_settings.Id, TakesWrites: false));
    }
}
