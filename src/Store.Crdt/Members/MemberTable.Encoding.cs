using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Members;

/// <content>
/// The encoding, in canonical order. Of a fragment first the ranges it is complete for; then always the members and their values.
/// </content>
internal sealed partial class MemberTable<TValue>
{
    // The length of a member, and the least a value takes.
    private const int LeastBytesEach = 2;

    internal void Encode(ByteWriter writer, bool isFragment)
    {
        if (isFragment)
        {
            writer.WriteVarint((ulong)(Ranges?.Length ?? 0));
            foreach (ref readonly var range in Ranges.AsSpan()) Encode(writer, range);
        }

        writer.WriteVarint((ulong)Count);
        for (var at = default(Position); Settle(ref at); at.Index++)
        {
            var segment = Segment(at.Segment);
            writer.WriteBytes(segment.MemberAt(at.Index));
            segment.ValueAt(at.Index).Encode(writer);
        }
    }

    internal static MemberTable<TValue> Decode(ref ByteReader reader, bool isFragment)
    {
        var ranges = isFragment ? DecodeRanges(ref reader) : null;
        var table = new MemberTable<TValue> { Ranges = ranges };
        var count = reader.ReadCount(LeastBytesEach);
        var range = 0;
        for (var i = 0; i < count; i++)
        {
            var member = reader.ReadSpan();
            var key = MemberOrder.KeyOf(member);
            if (i > 0 && table.Compare(table.Last, key, member) >= 0)
                throw new CorruptDataException("members of a set are not in their order");
            if (ranges is not null)
            {
                while (range < ranges.Length && ranges[range].EndsBefore(key, member)) range++;
                if (range == ranges.Length || ranges[range].Start.CompareMember(key, member) < 0)
                    throw new CorruptDataException("a set's fragment names a member outside of its ranges");
            }

            var value = TValue.Decode(ref reader);
            if (value.IsEmpty && (!isFragment || ranges is not null))
                throw new CorruptDataException("a set names a member it holds nothing of");
            table.Append(key, member, value, Math.Min(count - i, 1 + (reader.Remaining / LeastBytesEach)));
        }

        return table;
    }

    private static void Encode(ByteWriter writer, in MemberRange range)
    {
        Encode(writer, range.Start);
        writer.WriteBool(range.End is not null);
        if (range.End is { } end) Encode(writer, end);
    }

    private static void Encode(ByteWriter writer, in MemberBound bound)
    {
        writer.WriteFixed64(bound.Key);
        writer.WriteBytes(bound.Tie.Span);
    }

    private static MemberRange[]? DecodeRanges(ref ByteReader reader)
    {
        var count = reader.ReadCount(minimumBytesEach: 10);
        if (count == 0) return null;
        var ranges = new MemberRange[count];
        for (var i = 0; i < count; i++)
        {
            var start = DecodeBound(ref reader);
            ranges[i] = new MemberRange(start, reader.ReadBool() ? DecodeBound(ref reader) : null);
            var isAfterLast = i == 0 || (ranges[i - 1].End is { } last && last.CompareTo(start) < 0);
            if (!isAfterLast || (ranges[i].End is { } end && start.CompareTo(end) >= 0))
                throw new CorruptDataException("ranges of a set are not in their order");
        }

        return ranges;
    }

    private static MemberBound DecodeBound(ref ByteReader reader)
    {
        var key = reader.ReadFixed64();
        if ((key & MemberOrder.SlotMask) != 0) throw new CorruptDataException("a range of a set begins at no key");
        return new MemberBound(key, reader.ReadBytes());
    }
}
