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
/// </summary>
internal sealed class JournalRecovery(PartitionState state, SlotTable table, RejoinGate gate)
{
    // The images that are being staged.
    private readonly Dictionary<ulong, ImageStage> _staged = [];

    // The clocks of events and images that were skipped. An image that ends further on has to cover them.
    private readonly VersionVector _skipped = new();

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
                gate.RecoverServed();
                state.RecoverOther();
                break;
            default:
                throw new CorruptDataException($"the journal holds a record of unknown kind {record[0]}");
        }
    }

    /// <summary>The journal has been read to its end.</summary>
    /// <exception cref="CorruptDataException">The journal has a hole.</exception>
    public void End()
    {
        Check();
        _staged.Clear();
        table.RecoveryEnded();
    }

    /// <summary>Makes sure that nothing is missing in what was read.</summary>
    /// <exception cref="CorruptDataException">The journal has a hole.</exception>
    public void Check()
    {
        if (!state.Applied.Covers(_skipped))
        {
            throw new CorruptDataException(
                $"the journal ends at {state.Applied}, and holds events that build on {_skipped}: something between is missing");
        }
    }

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
            // The journal was cut. An image that ends further on holds the event.
            _skipped.Merge(recovered.Clock);
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
            // Its first slices went with what was cut: it is a snapshot that a later one has made superfluous.
            if (index != 0) return;
            _staged.Add(session, stage = new ImageStage(session));
        }

        if (index != (ulong)stage.Count)
            throw new CorruptDataException($"the journal holds slice {index} of an image after slice {stage.Count - 1}");
        stage.Add(reader.Take(reader.Remaining));
    }

    private void TakeImage(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var session = reader.ReadFixed64();
        var head = ImageHead.Decode(ref reader);
        reader.ExpectEnd();
        var isStaged = _staged.Remove(session, out var stage);
        if (!isStaged || !state.Applied.Covers(head.Since)) _skipped.Merge(head.Clock);

        // In a journal that was not cut, a snapshot says nothing new.
        var saysMore = isStaged && state.Applied.Covers(head.Since) && !state.Applied.Equals(head.Clock);
        state.Recover(saysMore ? stage!.Entries : null, saysMore ? head : null);
    }
}
