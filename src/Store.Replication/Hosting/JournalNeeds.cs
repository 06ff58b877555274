using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// Finds from which record on the journal of one partition is needed. What lies before the latest whole and complete image can go.
/// </summary>
public sealed class JournalNeeds
{
    private readonly Dictionary<ulong, (long First, long Slots)> _begun = [];
    private long _slots = long.MaxValue;

    /// <summary>The number of the earliest record that is needed; <see cref="long.MaxValue"/> where the journal holds none.</summary>
    public long NeededFrom { get; private set; } = long.MaxValue;

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
        switch ((JournalRecordKind)record[0])
        {
            case JournalRecordKind.ImageSlice:
                var slice = new ByteReader(record[1..]);
                var begun = slice.ReadFixed64();
                if (slice.ReadVarint() == 0) _begun[begun] = (number, _slots);
                break;
            case JournalRecordKind.ImageJoin:
                var join = new ByteReader(record[1..]);
                var ended = join.ReadFixed64();
                if (!_begun.Remove(ended, out var first) || !ImageHead.Decode(ref join).IsWhole) break;
                NeededFrom = Math.Min(first.First, first.Slots);

                // An image that was begun before this one and never ended is not needed either.
                foreach (var (session, at) in _begun)
                    if (at.First < first.First) _begun.Remove(session);
                break;
            case JournalRecordKind.Slots:
                _slots = number;
                break;
            case JournalRecordKind.HeldAll:
                NeededFrom = number;
                break;
            case JournalRecordKind.Dropped:
                NeededFrom = long.MaxValue;
                _begun.Clear();
                _slots = long.MaxValue;
                break;
        }
    }
}
