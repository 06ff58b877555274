using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// Writes the parts of a sequence: a table of replicas; then for each replica its counter (of a whole), its log, its runs of elements
/// in order of id and what has become of them, run-length coded; then all contents in order of id; then the tags.
/// The order of the document is not written: it follows from the tree.
/// </summary>
internal ref struct SequenceEncoder<T, TCodec>
    where TCodec : IElementCodec<T>
{
    private readonly ByteWriter _writer;
    private readonly List<ReplicaId> _table;
    private readonly ReadOnlySpan<Segment<T>> _segments;
    private int _next;

    private SequenceEncoder(ByteWriter writer, List<ReplicaId> table, ReadOnlySpan<Segment<T>> segments)
    {
        _writer = writer;
        _table = table;
        _segments = segments;
    }

    /// <summary>Writes a whole, or, where there are no counters, a fragment.</summary>
    public static void Write(
        ByteWriter writer, VersionVector? counters, ReadOnlySpan<LogItem> log, ReadOnlySpan<Segment<T>> segments, SequenceTags? tags)
    {
        var encoder = new SequenceEncoder<T, TCodec>(writer, Table(counters, log, segments), segments);
        writer.WriteVarint((ulong)encoder._table.Count);
        foreach (var replica in encoder._table) writer.WriteReplicaId(replica);
        for (var i = 0; i < encoder._table.Count; i++)
        {
            var replica = encoder._table[i];
            if (counters is not null) writer.WriteVarint((ulong)counters[replica]);
            var items = 0;
            while (items < log.Length && log[items].First.Replica == replica) items++;
            encoder.WriteLog(log[..items]);
            log = log[items..];
            encoder.WriteRuns(replica);
        }

        encoder.WriteContents();
        if (tags is null) writer.WriteVarint(0);
        else tags.Encode(writer);
    }

    private static List<ReplicaId> Table(VersionVector? counters, ReadOnlySpan<LogItem> log, ReadOnlySpan<Segment<T>> segments)
    {
        var table = new List<ReplicaId>(4);
        if (counters is not null)
            foreach (var entry in counters.Entries) Name(table, entry.Replica);
        foreach (ref readonly var item in log)
        {
            Name(table, item.First.Replica);
            if (item.IsDeletion) Name(table, item.Target.Replica);
        }

        foreach (ref readonly var segment in segments)
        {
            Name(table, segment.Replica);
            if (!segment.Parent.IsRoot) Name(table, segment.Parent.Replica);
        }

        return table;
    }

    private static void Name(List<ReplicaId> table, ReplicaId replica)
    {
        var at = table.BinarySearch(replica);
        if (at < 0) table.Insert(~at, replica);
    }

    private readonly void WriteLog(ReadOnlySpan<LogItem> items)
    {
        _writer.WriteVarint((ulong)items.Length);
        long next = 0, counter = 0;
        foreach (ref readonly var item in items)
        {
            // 0: another part of the last event; 1: the next event; more: so many dots between are of other objects.
            var gap = item.First.Sequence - next + 1;
            _writer.WriteVarint(((ulong)(item.Steps - 1) << 3) | ((ulong)item.Kind << 1) | (gap == 1 ? 0UL : 1UL));
            if (gap != 1) _writer.WriteVarint((ulong)gap);
            next = item.LastSequence + 1;
            if (item.Kind == LogKind.Clear)
            {
                item.Cleared!.Encode(_writer);
                continue;
            }

            if (item.Kind == LogKind.Insert || item.Steps == 1) _writer.WriteVarint((ulong)item.Length);
            if (item.Kind == LogKind.Insert)
            {
                if (counter == 0) _writer.WriteVarint((ulong)item.Target.Counter);
                counter = item.Target.Counter + item.Elements - 1;
                continue;
            }

            _writer.WriteVarint((ulong)_table.BinarySearch(item.Target.Replica));
            _writer.WriteSigned(item.Target.Counter - counter);
        }
    }

    private void WriteRuns(ReplicaId replica)
    {
        var first = _next;
        var count = 0;
        while (_next < _segments.Length && _segments[_next].Replica == replica)
        {
            if (_next == first || !_segments[_next].Continues(_segments[_next - 1])) count++;
            _next++;
        }

        _writer.WriteVarint((ulong)count);
        long end = 1;
        for (var i = first; i < _next;)
        {
            var run = _segments[i];
            long length = run.Length;
            for (i++; i < _next && _segments[i].Continues(_segments[i - 1]); i++) length += _segments[i].Length;
            _writer.WriteVarint((ulong)(run.Start - end));
            _writer.WriteVarint((ulong)length);
            end = run.Start + length;
            if (run.Parent.IsRoot)
            {
                _writer.WriteVarint(0);
                continue;
            }

            _writer.WriteVarint(1 + (((ulong)_table.BinarySearch(run.Parent.Replica) << 1) | (run.IsLeft ? 1UL : 0UL)));
            _writer.WriteSigned(run.Parent.Replica == replica ? run.Start - run.Parent.Counter : run.Parent.Counter);
        }

        for (var i = first; i < _next;)
        {
            var status = _segments[i].Status;
            long length = 0;
            for (; i < _next && _segments[i].Status == status; i++) length += _segments[i].Length;
            _writer.WriteVarint(((ulong)length << 2) | (ulong)status);
        }
    }

    private readonly void WriteContents()
    {
        var count = 0;
        foreach (ref readonly var segment in _segments)
            if (segment.Status == ElementStatus.Alive) count += segment.Length;
        if (_segments.Length == 1 || count == 0)
        {
            TCodec.Write(_writer, count == 0 ? [] : _segments[0].Items.AsSpan(_segments[0].Offset, count));
            return;
        }

        var all = new T[count];
        count = 0;
        foreach (ref readonly var segment in _segments)
        {
            if (segment.Status != ElementStatus.Alive) continue;
            segment.Items.AsSpan(segment.Offset, segment.Length).CopyTo(all.AsSpan(count));
            count += segment.Length;
        }

        TCodec.Write(_writer, all);
    }
}
