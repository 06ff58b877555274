using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// Finds from which record on the journal of one partition is needed. What lies before the latest whole and complete image can go.
/// </summary>
public sealed class JournalNeeds
{
    private readonly Dictionary<ulong, (long First, long Slots, long Bytes)> _begun = [];
    private long _slots = long.MaxValue;

    // What the latest whole image took; 0 where there is none.
    private long _image;
    private long _noted;

    /// <summary>The number of the earliest record that is needed; <see cref="long.MaxValue"/> where the journal holds none.</summary>
    public long NeededFrom { get; private set; } = long.MaxValue;

    /// <summary>
    /// About how many bytes an image of the partition takes: those of the latest one. Where there is none yet, half of what was noted.
    /// </summary>
    public long LiveBytes => _image > 0 ? _image : _noted / 2;

    /// <summary>True of what an image is written with, and not of what changes the state.</summary>
    public static bool IsOfImage(ReadOnlySpan<byte> record) =>
        (JournalRecordKind)record[0] is JournalRecordKind.ImageSlice or JournalRecordKind.ImageJoin or JournalRecordKind.HeldAll;

    /// <summary>
    /// Notes a record that is damaged. It may be a slice of any image that was begun: such an image replaces nothing.
    /// </summary>
    public void NoteDamaged(long number)
    {
        if (NeededFrom == long.MaxValue) NeededFrom = number;
        _begun.Clear();
    }

    /// <summary>Notes a durable record.</summary>
    /// <param name="number">The record's number in the journal. Numbers ascend.</param>
    /// <param name="record">Its bytes.</param>
    /// <exception cref="CorruptDataException">The bytes are not a record.</exception>
    public void Note(long number, ReadOnlySpan<byte> record)
    {
        if (NeededFrom == long.MaxValue) NeededFrom = number;
        if (_image == 0) _noted += record.Length;
        switch ((JournalRecordKind)record[0])
        {
            case JournalRecordKind.ImageSlice:
                var slice = new ByteReader(record[1..]);
                var begun = slice.ReadFixed64();
                if (slice.ReadVarint() == 0) _begun[begun] = (number, _slots, record.Length);
                else if (_begun.TryGetValue(begun, out var sofar))
                    _begun[begun] = sofar with { Bytes = sofar.Bytes + record.Length };
                break;
            case JournalRecordKind.ImageJoin:
                var join = new ByteReader(record[1..]);
                var ended = join.ReadFixed64();
                if (!_begun.Remove(ended, out var first) || !ImageHead.Decode(ref join).IsWhole) break;
                NeededFrom = Math.Min(first.First, first.Slots);
                _image = first.Bytes + record.Length;

                // An image that was begun before this one and never ended is not needed either.
                foreach (var (session, at) in _begun)
                    if (at.First < first.First) _begun.Remove(session);
                break;
            case JournalRecordKind.Slots:
                _slots = number;
                break;
            case JournalRecordKind.HeldAll:
                NeededFrom = number;
                _image = record.Length;
                break;
            case JournalRecordKind.Dropped:
                NeededFrom = long.MaxValue;
                (_image, _noted) = (0, 0);
                _begun.Clear();
                _slots = long.MaxValue;
                break;
        }
    }
}
