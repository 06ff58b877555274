using System.Text;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Recovery;

/// <summary>
/// Takes a replica's state back from its journal, record by record, in the order of appending. An image that ends further on covers
/// whatever was cut off in front. A journal that ends before such an image has a hole. Nothing is skipped to go on.
/// <para>A journal with damage or a hole is taken as far as it is intact: what is applied has all that it depends on, so it is a state
/// that the replica once had. The rest is kept (<see cref="SalvagedEvents"/>), and the gate lets the replica serve only once others have
/// brought what is missing.</para>
/// </summary>
internal sealed class JournalRecovery(PartitionState state, SlotTable table, RejoinGate gate)
{
    // The images that are being staged.
    private readonly Dictionary<ulong, ImageStage> _staged = [];

    // The clocks of events and images that were skipped. An image that ends further on has to cover them.
    private readonly VersionVector _skipped = new();

    // An image with damaged slices, and one that came whole after the last damage.
    private (ImageStage Stage, ImageHead Head)? _torn;
    private bool _isWholeAgain;

    /// <summary>How many damaged records there were, as far as that is known.</summary>
    public int Damaged { get; private set; }

    /// <summary>Takes back a record.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record.</exception>
    public void Take(byte[] record)
    {
        if (record.Length == 0) throw new CorruptDataException("the journal holds an empty record");
        switch ((JournalRecordKind)record[0])
        {
            case JournalRecordKind.Event:
                TakeEvent(record);
                break;
            case JournalRecordKind.ImageSlice:
                TakeSlice(record);
                break;
            case JournalRecordKind.ImageJoin:
                TakeImage(record);
                break;
            case JournalRecordKind.Slots:
                table.Recover(record);
                break;
            case JournalRecordKind.Served:
                if (_isWholeAgain) gate.RecoverMended();
                gate.RecoverServed();
                state.RecoverOther();
                break;
            case JournalRecordKind.Damaged:
                TakeDamage(Encoding.UTF8.GetString(record.AsSpan(1)));
                break;
            default:
                throw new CorruptDataException($"the journal holds a record of unknown kind {record[0]}");
        }
    }

    /// <summary>Here stood a record that is damaged or missing.</summary>
    /// <param name="what">What is damaged, in words for people.</param>
    public void TakeDamage(string what)
    {
        Damaged++;
        gate.RecoverDamage(what);
        state.RecoverOther();
        _isWholeAgain = false;

        // It may have been the next slice of any image.
        foreach (var stage in _staged.Values) stage.TearBefore(stage.Count);
    }

    /// <summary>The journal has been read to its end.</summary>
    public void End()
    {
        if (Hole is { } hole) gate.RecoverDamage(hole);
        state.Salvaged.DropCovered(state.Applied);
        _staged.Clear();
        table.RecoveryEnded();
    }

    /// <summary>Makes sure that nothing is missing or damaged in what was read.</summary>
    /// <exception cref="CorruptDataException">Something is.</exception>
    public void Check()
    {
        if ((gate.Damage ?? Hole) is { } damage) throw new CorruptDataException(damage);
    }

    // What is missing, in words for people; null where nothing is.
    private string? Hole => state.Applied.Covers(_skipped)
        ? null
        : $"events build on {_skipped}, and what is intact ends at {state.Applied}: something between is missing";

    /// <summary>An operator accepts the loss of what is damaged: what is intact of a damaged image is taken as the state.</summary>
    public void AcceptLoss()
    {
        if (_torn is var (stage, head) && head.Clock.Covers(state.Applied)) state.RecoverTorn(stage.Entries, head);
        _torn = null;
    }

    /// <summary>What was damaged came from other owners: what is intact of a damaged image is not needed any more.</summary>
    public void Mended() => _torn = null;

    private void TakeEvent(byte[] record)
    {
        var recovered = ReplicaEvent.Decode(record);
        if (state.Applied.Contains(recovered.Last))
        {
            state.RecoverOther();
        }
        else if (recovered.IsApplicableAt(state.Applied))
        {
            state.Recover(recovered);
        }
        else
        {
            // The journal was cut: an image that ends further on holds the event. Or what it depends on is damaged.
            _skipped.Merge(recovered.Clock);
            state.Salvaged.Add(recovered);
            state.RecoverOther();
        }
    }

    private void TakeSlice(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var session = reader.ReadFixed64();
        var index = reader.ReadVarint();
        state.RecoverOther();
        if (!_staged.TryGetValue(session, out var stage))
        {
            // Its first slices went with what was cut: it is a snapshot that a later one has made superfluous. Or they are damaged.
            if (index != 0 && Damaged == 0) return;
            _staged.Add(session, stage = new ImageStage(session));
        }

        if (index != (ulong)stage.Count)
        {
            if (index < (ulong)stage.Count || index > int.MaxValue)
                throw new CorruptDataException($"the journal holds slice {index} of an image after slice {stage.Count - 1}");
            if (Damaged == 0) TakeDamage($"slice {stage.Count} of an image is missing");
            stage.TearBefore((int)index);
        }

        stage.Add(reader.Take(reader.Remaining));
    }

    private void TakeImage(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var session = reader.ReadFixed64();
        var head = ImageHead.Decode(ref reader);
        reader.ExpectEnd();
        var isStaged = _staged.Remove(session, out var stage) && !stage.IsTorn;
        var isJoinable = isStaged && state.Applied.Covers(head.Since);
        if (!isJoinable) _skipped.Merge(head.Clock);
        if (stage is { IsTorn: true } && head.IsWhole) _torn = (stage, head);

        // In a journal that was not cut, a snapshot says nothing new.
        var saysMore = isJoinable && !state.Applied.Equals(head.Clock);
        state.Recover(saysMore ? stage!.Entries : null, saysMore ? head : null);
        if (!isJoinable || !head.IsWhole) return;
        _isWholeAgain = true;
        gate.RecoverWhole();
        _torn = null;
        state.Salvaged.DropCovered(state.Applied);
    }
}
