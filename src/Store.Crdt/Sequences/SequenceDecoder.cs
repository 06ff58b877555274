using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>Reads what <see cref="SequenceEncoder{T, TCodec}"/> wrote, and refuses what it would have written otherwise.</summary>
internal sealed class SequenceDecoder<T, TCodec>
    where TCodec : IElementCodec<T>
{
    public readonly VersionVector Counters = new();
    public readonly SequenceLog Log = new();
    public readonly List<Segment<T>> Segments = [];
    public readonly SequenceTags Tags;

    private readonly ReplicaId[] _table;
    private readonly bool[] _isNamed;
    private readonly bool _isFragment;

    public SequenceDecoder(ref ByteReader reader, bool isFragment)
    {
        _isFragment = isFragment;
        _table = new ReplicaId[reader.ReadCount(minimumBytesEach: 8)];
        _isNamed = new bool[_table.Length];
        for (var i = 0; i < _table.Length; i++)
        {
            _table[i] = reader.ReadReplicaId();
            if (i > 0 && _table[i].CompareTo(_table[i - 1]) <= 0) throw new CorruptDataException("replicas are not in ascending order");
        }

        for (var i = 0; i < _table.Length; i++) ReadReplica(ref reader, i);
        foreach (var isNamed in _isNamed)
            if (!isNamed) throw new CorruptDataException("a replica is named for nothing");
        ReadContents(ref reader);
        Tags = SequenceTags.Decode(ref reader);
    }

    private void ReadReplica(ref ByteReader reader, int replica)
    {
        if (!_isFragment)
        {
            var counter = reader.ReadVarint();
            if (counter > 1UL << 62) throw new CorruptDataException("a counter is out of range");
            if (Counters.Advance(_table[replica], (long)counter)) _isNamed[replica] = true;
        }

        ReadLog(ref reader, replica);
        var first = Segments.Count;
        var runs = reader.ReadCount(minimumBytesEach: 3);
        if (runs > 0) _isNamed[replica] = true;
        long end = 1;
        for (var i = 0; i < runs; i++) ReadRun(ref reader, replica, i > 0, ref end);
        if (runs > 0) ReadStatuses(ref reader, first);
    }

    private void ReadLog(ref ByteReader reader, int replica)
    {
        var count = reader.ReadCount(minimumBytesEach: 2);
        if (count > 0) _isNamed[replica] = true;
        long next = 0, counter = 0;
        for (var i = 0; i < count; i++)
        {
            var head = reader.ReadVarint();
            var gap = (head & 1) == 0 ? 1 : Bounded(reader.ReadVarint());
            if ((head & 1) != 0 && gap == 1) throw new CorruptDataException("a gap is not in its shortest form");
            var first = next + gap - 1;
            if (first < 1 || head >> 3 >= int.MaxValue) throw new CorruptDataException("a log item is out of range");
            var item = ReadItem(ref reader, new Dot(_table[replica], first), (int)(head >> 3) + 1, (LogKind)((head >> 1) & 3), ref counter);
            next = item.LastSequence + 1;
            if (next > 1L << 62) throw new CorruptDataException("a log item is out of range");
            Log.Add(item);
            if (Log.Of(_table[replica])!.Items.Length != i + 1) throw new CorruptDataException("a log is not in its shortest form");
        }
    }

    private LogItem ReadItem(ref ByteReader reader, Dot first, int steps, LogKind kind, ref long counter)
    {
        if (kind == LogKind.Clear)
        {
            if (steps != 1) throw new CorruptDataException("a clearing has several steps");
            var cleared = VersionVector.Decode(ref reader);
            if (cleared.Count == 0) throw new CorruptDataException("a clearing clears nothing");
            return new LogItem(first, 1, kind, default, 0, cleared);
        }

        var length = kind == LogKind.Insert || steps == 1 ? reader.ReadVarint() : 1;
        if (length is 0 or > int.MaxValue || (kind == LogKind.DeleteBackward && steps == 1))
            throw new CorruptDataException("a log item is out of range");
        if (kind == LogKind.Insert)
        {
            var start = counter == 0 ? reader.ReadSequence() : counter + 1;
            counter = Bounded((ulong)start + ((ulong)steps * length)) - 1;
            return new LogItem(first, steps, kind, new ElementId(first.Replica, start), (int)length, null);
        }

        var target = ReadReplicaIndex(ref reader);
        var from = reader.ReadSigned();
        if (from is > 1L << 62 or < -(1L << 62)) throw new CorruptDataException("a counter is out of range");
        var item = new LogItem(first, steps, kind, new ElementId(target, from + counter), (int)length, null);
        if (item.Start < 1 || item.Start + item.Elements > 1L << 62) throw new CorruptDataException("a counter is out of range");
        return item;
    }

    private void ReadRun(ref ByteReader reader, int replica, bool hasBefore, ref long end)
    {
        var start = end + Bounded(reader.ReadVarint());
        var length = reader.ReadVarint();
        if (length is 0 or > int.MaxValue || start > (1L << 62) - int.MaxValue)
            throw new CorruptDataException("a run of elements is out of range");
        var run = new Segment<T> { Replica = _table[replica], Start = start, Length = (int)length };
        var parent = reader.ReadVarint();
        if (parent > 0)
        {
            run.IsLeft = ((parent - 1) & 1) != 0;
            if ((parent - 1) >> 1 >= (ulong)_table.Length) throw new CorruptDataException("a replica is not in the table");
            _isNamed[(int)((parent - 1) >> 1)] = true;
            var id = _table[(int)((parent - 1) >> 1)];
            var counter = reader.ReadSigned();
            if (counter is > 1L << 62 or < -(1L << 62)) throw new CorruptDataException("a counter is out of range");
            if (id == run.Replica) counter = start - counter;
            if (counter is < 1 or > 1L << 62) throw new CorruptDataException("a counter is out of range");
            run.Parent = new ElementId(id, counter);
        }

        if (hasBefore && run.Continues(Segments[^1])) throw new CorruptDataException("two runs are one");
        Segments.Add(run);
        end = run.End;
        if (!_isFragment && Counters[run.Replica] is > 0 and var highest && highest < run.End - 1)
            throw new CorruptDataException("an element is above its replica's counter");
    }

    /// <summary>Cuts the runs of one replica where the status changes.</summary>
    private void ReadStatuses(ref ByteReader reader, int first)
    {
        var runs = Segments[first..];
        Segments.RemoveRange(first, runs.Count);
        long left = 0;
        var status = (ElementStatus)3;
        foreach (var run in runs)
        {
            for (var at = 0; at < run.Length;)
            {
                if (left == 0)
                {
                    var value = reader.ReadVarint();
                    var read = (ElementStatus)(value & 3);
                    left = Bounded(value >> 2);
                    if (left == 0 || read == status || read > ElementStatus.Settled)
                        throw new CorruptDataException("statuses are not in their shortest form");
                    status = read;
                }

                var part = (int)Math.Min(left, run.Length - at);
                var segment = run.Slice(at, at + part) with { Status = status };
                Segments.Add(segment);
                at += part;
                left -= part;
            }
        }

        if (left > 0) throw new CorruptDataException("there are more statuses than elements");
    }

    private void ReadContents(ref ByteReader reader)
    {
        long count = 0;
        foreach (var segment in Segments)
            if (segment.Status == ElementStatus.Alive) count += segment.Length;
        if (count > reader.Remaining) throw new CorruptDataException($"{count} elements do not fit in the {reader.Remaining} bytes left");
        var items = TCodec.Read(ref reader, (int)count);
        var offset = 0;
        for (var i = 0; i < Segments.Count; i++)
        {
            var segment = Segments[i];
            segment.Offset = 0;
            if (segment.Status == ElementStatus.Alive)
            {
                segment.Items = items;
                segment.Offset = offset;
                offset += segment.Length;
            }

            Segments[i] = segment;
        }
    }

    private ReplicaId ReadReplicaIndex(ref ByteReader reader)
    {
        var index = reader.ReadVarint();
        if (index >= (ulong)_table.Length) throw new CorruptDataException("a replica is not in the table");
        _isNamed[(int)index] = true;
        return _table[(int)index];
    }

    private static long Bounded(ulong value) =>
        value <= 1UL << 62 ? (long)value : throw new CorruptDataException("a number is out of range");
}
