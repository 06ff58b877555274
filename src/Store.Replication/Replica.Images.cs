using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

// Images: what a replica takes where events do not reach, what it gives to peers, and what it writes into its own journal so that older records may go.
public sealed partial class Replica
{
    private readonly ImageReceiver _receiver;
    private readonly ImageSender _images;
    private readonly RejoinGate _rejoinGate;
    private readonly PreviousIncarnations _previousIncarnations;
    private readonly DigestAudit _audit;

    // What a replica must have applied before it may collect at this one's stable cut.
    private readonly VersionVector _stableCutNeeds = new();

    // While the journal is read: images being staged, and events that only make sense after an image yet to come.
    private readonly VersionVector _skipped = new();
    private readonly Dictionary<ulong, ImageStage> _recovered = [];
    private bool _hasServed;
    private ImageSource? _snapshot;
    private ulong _snapshots;
    private int _snapshotSlices;

    /// <summary>Where the replica stands: it coordinates and answers only while it is serving.</summary>
    public ServingState ServingState => _peers.OwnSlot < 0 || _isSelfLost ? ServingState.WithoutSlot : _rejoinGate.ServingState;

    /// <summary>Why it does not serve, in words for people; null while it does.</summary>
    public string? NotServingBecause => _isSelfLost ? SelfLostBecause : _peers.OwnSlot < 0 ? "this node holds no slot of the partition: its slot has gone to another node, or is on its way here" : _rejoinGate.Reason;

    /// <summary>How many slices of an image have arrived; 0 where none is under way.</summary>
    public int TransferredSlices => _receiver.Slices;

    /// <summary>The owners, as bits of slots, whose state differs from this replica's at the same clock: memory or disk is damaged, here or there.</summary>
    public ulong Contradicting => _audit.Contradicting;

    /// <summary>The digest of the state, where it has been computed since the last change.</summary>
    public UInt128? Digest => _audit.DigestAt(_applied);

    /// <summary>True while an image of the whole state is being written into the own journal.</summary>
    public bool IsSnapshotting => _snapshot is not null;

    /// <summary>Takes back a record from the journal, before anything else happens, in the order it was appended.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record.</exception>
    public void Recover(byte[] record)
    {
        if (record.Length == 0) throw new CorruptDataException("the journal holds an empty record");
        switch ((JournalRecordKind)record[0])
        {
            case JournalRecordKind.Event:
                RecoverEvent(record);
                break;
            case JournalRecordKind.ImageSlice:
                RecoverSlice(record);
                break;
            case JournalRecordKind.ImageJoin:
                RecoverImage(record);
                break;
            case JournalRecordKind.Slots:
                RecoverTable(record);
                break;
            case JournalRecordKind.Served:
                _hasServed = true;
                _journal.MarkDurable(_journal.Append(null, null));
                break;
            default:
                throw new CorruptDataException($"the journal holds a record of unknown kind {record[0]}");
        }
    }

    /// <summary>The journal has been read to its end. From here on the replica finds out whether it is up to date, and then serves.</summary>
    /// <exception cref="CorruptDataException">The journal has a hole: nothing is skipped to go on.</exception>
    public void RecoveryEnded(long nowMs)
    {
        Advance(ref nowMs);
        if (!_applied.Covers(_skipped)) throw new CorruptDataException($"the journal ends at {_applied}, and holds events that build on {_skipped}: something between is missing");
        _recovered.Clear();
        SlotsRecovered();
        _previousIncarnations.Begin();
        _rejoinGate.Begin(isNew: !_hasServed, nowMs);
        ServeWherePossible(nowMs);
    }

    /// <summary>
    /// Begins to write an image of the whole state into the journal, a slice at every tick: what the journal holds from before can go
    /// once the image's end is durable. It need not serve for that: an image says what the
    /// records before it said, whether it ever served included, so that one that waits for a peer does not keep the node's whole journal.
    /// </summary>
    /// <returns>Why that cannot be now, in words for people; null where it is done, or under way.</returns>
    public string? BeginSnapshot()
    {
        if (_snapshot is not null) return null;
        if (_isSelfLost) return "it is not written anew: " + SelfLostBecause;
        if (ServingState == ServingState.NeedsImage) return "it cannot vouch for what it holds and waits for an image of another replica's";
        if (_receiver.IsRunning || _isTakingUp) return "it is taking an image of another replica's";
        if (_isTableJournaled) AppendTable(_peers.Table(), awaited: false, null);
        _snapshot = new ImageSource(_keys, _applied, new VersionVector(), _settings);
        _snapshotSlices = 0;
        _snapshots++;
        return null;
    }

    private ImageHead Head(VersionVector since) => new(_applied.Copy(), _keys.StableCut, _stableCutNeeds.Copy(), _fallbackMembership, _lastTimestamp, since);

    private void TickImages(long nowMs)
    {
        _receiver.Tick(nowMs, _effects);
        _images.Tick(_isSealDurable, nowMs, _effects);
        WriteSnapshot();
        _audit.Tick(nowMs);
        if (ServingState == ServingState.Serving && _audit.IsOutvoted(out var slot)) _rejoinGate.LoseMemory(_peers.Slots[slot].Node);
        if (ServingState == ServingState.NeedsImage) TakeImage(nowMs);
        if (_peers.OwnSlot >= 0 && _rejoinGate.IsExchangeDue(nowMs))
        {
            for (var i = 0; i < _peers.Slots.Length; i++)
                if (i != _peers.OwnSlot && _peers.Slots[i].Reachable && _rejoinGate.HasToHear(i)) StartExchange(_peers.Slots[i].Node);
        }

        if (ServingState == ServingState.Serving && _previousIncarnations.IsExchangeDue(nowMs))
        {
            for (var i = 0; i < _peers.Slots.Length; i++)
                if (i != _peers.OwnSlot && _peers.Slots[i].Reachable && _previousIncarnations.HasToHear(i)) StartExchange(_peers.Slots[i].Node, startsExchange: true);
        }

        ServeWherePossible(nowMs);
    }

    private void StartExchange(NodeId to, bool startsExchange = false) =>
        _effects.Send(to, _repair.Clocks(answerWanted: true) with { StartsExchange = startsExchange || ServingState != ServingState.Serving });

    private void AnswerExchange(PeerKnowledge.Slot slot) =>
        _effects.Send(slot.Node, _repair.Clocks(answerWanted: false) with { Remembered = slot.Remembered.Copy(), StableCutClock = _keys.StableCut.Clock });

    private void ServeWherePossible(long nowMs)
    {
        if (_peers.OwnSlot < 0 || _isSelfLost || !_rejoinGate.TryServe(nowMs) || _hasServed) return;
        AppendServed();
    }

    private void AppendServed()
    {
        _hasServed = true;
        _effects.AppendRecord([(byte)JournalRecordKind.Served], _journal.Append(null, null), awaited: false);
    }

    // Any owner that serves will do; the one that told of the loss first.
    private void TakeImage(long nowMs)
    {
        if (_receiver.IsRunning) return;
        var from = _rejoinGate.ImageFrom;
        if (_peers.Find(from) is not { Reachable: true })
        {
            foreach (var slot in _peers.Slots)
                if (slot.Node != _self && slot.Reachable) from = slot.Node;
        }

        if (_peers.Find(from) is { Reachable: true }) _receiver.Start(from, whole: true, SlotClaim.None, nowMs, _effects);
    }

    private void TakeSlice(NodeId from, ImageSliceMessage message, long nowMs)
    {
        if (_receiver.IsRefused(from, message))
        {
            _rejoinGate.LoseMemory(from);
            return;
        }

        if (message.Table is { } table) TakeHolders(table, nowMs);
        var (taken, head) = _receiver.Take(from, message, nowMs, _effects, out var stage);
        if (!taken) return;

        // A snapshot's end would cut off the slices journaled before it.
        _snapshot = null;
        _effects.AppendRecord(ImageStage.SliceRecord(_scratch, message.Session, message.Index, message.Slice.Span), _journal.Append(null, null), awaited: false);
        if (head is null) return;

        // Where a promise was given anew meanwhile, the image may not hold all that it has to.
        if (_receiver.Seal.Slot >= 0 && !MayTakeUp(_receiver.Seal, head.Clock)) return;

        // A whole image must not take back what is here. To be joined, each side must cover what the other's stable cut needs: owners always do.
        if (head.IsWhole ? !head.Clock.Covers(_applied) : !_applied.Covers(head.StableCutNeeds) || !head.Clock.Covers(_stableCutNeeds))
        {
            if (!head.IsWhole && !_applied.Covers(head.StableCutNeeds)) _rejoinGate.LoseMemory(from);

            // Who has given up its slot may be behind the stable cut: what it has, others have too, or will once it has caught up.
            _repair.GiveUpOn(from);
            _repair.TellClocks(from, answerWanted: true, _effects);
            return;
        }

        JoinImage(stage!, head);
        _effects.AppendRecord(ImageStage.JoinRecord(_scratch, message.Session, head), _journal.Append(_applied.Copy(), null), awaited: true);
        if (head.IsWhole)
        {
            // What lies before a whole image goes from the journal.
            if (_receiver.Seal.Slot >= 0) TakeUp(_receiver.Seal, from);
            else _rejoinGate.ImageTaken();
            if (_hasServed) AppendServed();
        }

        ApplyBuffered(awaited: false);
        ServeWherePossible(nowMs);
    }

    private void JoinImage(ImageStage stage, ImageHead head)
    {
        if (head.IsWhole)
        {
            _keys.Replace(stage.Entries, head.StableCut);
            _snapshot = null;
            _images.Clear();
        }
        else
        {
            _keys.Collect(head.StableCut);
            _keys.Join(stage.Entries, _applied, head.Clock);
        }

        _applied.Merge(head.Clock);
        _stableCutNeeds.Merge(head.StableCutNeeds);
        FollowMembership(head.StandIns);
        if (head.LastTimestamp.CompareTo(_lastTimestamp) > 0) _lastTimestamp = head.LastTimestamp;
        _log.StartAt(_applied);
        _audit.Reset();
        _watchers.NoteAll();
    }

    private void WriteSnapshot()
    {
        if (_snapshot is null) return;

        // What is found damaged in memory must not take the place of what the disk holds.
        if (ServingState == ServingState.NeedsImage)
        {
            _snapshot = null;
            return;
        }

        var name = Id.Value ^ (_snapshots << 48) ^ 1;
        var (slice, head) = _snapshot.Next(() => Head(new VersionVector()));
        _effects.AppendRecord(ImageStage.SliceRecord(_scratch, name, _snapshotSlices++, slice), _journal.Append(null, null), awaited: false);

        // The last turn is one turn: nothing may come between its slices and the end.
        while (head is null && _snapshot.IsFrozen)
        {
            (slice, head) = _snapshot.Next(() => Head(new VersionVector()));
            _effects.AppendRecord(ImageStage.SliceRecord(_scratch, name, _snapshotSlices++, slice), _journal.Append(null, null), awaited: false);
        }

        if (head is null) return;
        _effects.AppendRecord(ImageStage.JoinRecord(_scratch, name, head), _journal.Append(null, null), awaited: false);
        if (_hasServed) AppendServed();
        _snapshot = null;
    }

    private void RecoverEvent(byte[] record)
    {
        var recovered = ReplicaEvent.Decode(record);
        if (_applied.Contains(recovered.Last))
        {
            _journal.MarkDurable(_journal.Append(null, null));
        }
        else if (recovered.IsApplicableAt(_applied))
        {
            _journal.MarkDurable(ApplyToState(recovered));
        }
        else
        {
            // The journal was cut: an image that ends further on holds the event.
            _skipped.Merge(recovered.Clock);
            _journal.MarkDurable(_journal.Append(null, null));
        }
    }

    private void RecoverSlice(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var session = reader.ReadFixed64();
        var index = reader.ReadVarint();
        _journal.MarkDurable(_journal.Append(null, null));
        if (!_recovered.TryGetValue(session, out var stage))
        {
            // Its first slices went with what was cut: a snapshot that a later one has made superfluous.
            if (index != 0) return;
            _recovered.Add(session, stage = new ImageStage(session));
        }

        if (index != (ulong)stage.Count) throw new CorruptDataException($"the journal holds slice {index} of an image after slice {stage.Count - 1}");
        stage.Add(reader.Take(reader.Remaining));
    }

    private void RecoverImage(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var session = reader.ReadFixed64();
        var head = ImageHead.Decode(ref reader);
        reader.ExpectEnd();
        if (!_recovered.Remove(session, out var stage)) _skipped.Merge(head.Clock);

        // A snapshot in a journal that was not cut says nothing new.
        else if (!_applied.Covers(head.Since)) _skipped.Merge(head.Clock);
        else if (!_applied.Equals(head.Clock)) JoinImage(stage, head);
        _journal.MarkDurable(_journal.Append(_applied.Copy(), null));
    }
}
