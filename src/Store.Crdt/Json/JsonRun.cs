using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// Elements of an array that one assignment put there one after the other, and that nothing has touched since.
/// All of them are under its dot and timestamp. The <see cref="JsonPosition">name</see> of each follows from that of the first.
/// So an element costs its text. Immutable; shared by states and deltas.
/// </summary>
internal sealed class JsonRun
{
    /// <summary>
    /// The most elements of one run in memory: so many are looked through to find one.
    /// A longer run is kept in pieces, and written as one.
    /// </summary>
    internal const int Capacity = 128;

    /// <summary>A shorter run is written element by element.</summary>
    internal const int LeastWritten = 4;

    // Every text with its length in front.
    private readonly byte[] _texts;
    private readonly int _start;
    private readonly int _end;

    internal JsonRun(Dot dot, HybridTimestamp timestamp, long sequence, int count, byte[] texts)
        : this(dot, timestamp, sequence, count, texts, 0, texts.Length)
    {
    }

    private JsonRun(Dot dot, HybridTimestamp timestamp, long sequence, int count, byte[] texts, int start, int end)
    {
        Dot = dot;
        Timestamp = timestamp;
        Sequence = sequence;
        Count = count;
        _texts = texts;
        _start = start;
        _end = end;
    }

    /// <summary>The assignment.</summary>
    internal Dot Dot { get; }

    internal HybridTimestamp Timestamp { get; }

    /// <summary>The sequence that names the first element; those of the others follow.</summary>
    internal long Sequence { get; }

    internal int Count { get; }

    internal long ApproximateBytes => 24 + _end - _start;

    /// <summary>The texts of all elements, each with its length in front.</summary>
    internal ReadOnlySpan<byte> Texts => _texts.AsSpan(_start, _end - _start);

    internal Bytes NameOf(int index) => JsonPosition.Root(Timestamp, new Dot(Dot.Replica, Sequence + index));

    /// <summary>Which element has a name; -1 where none has.</summary>
    internal int IndexOf(Bytes name) =>
        JsonPosition.TryReadRoot(name.Span, out var timestamp, out var element) && timestamp == Timestamp && element.Replica == Dot.Replica
            && element.Sequence >= Sequence && element.Sequence - Sequence < Count
            ? (int)(element.Sequence - Sequence)
            : -1;

    /// <summary>How many of the elements come before a name.</summary>
    internal int CountBelow(Bytes name)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (NameOf(middle).CompareTo(name) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The JSON text of an element.</summary>
    internal ReadOnlySpan<byte> TextAt(int index)
    {
        var reader = new ByteReader(_texts.AsSpan(OffsetOf(index)));
        return reader.ReadSpan();
    }

    /// <summary>An element as a place of its own.</summary>
    internal JsonCell CellAt(int index) => JsonPlain.ToCell(TextAt(index), Dot, Timestamp);

    /// <summary>Some of the elements.</summary>
    internal JsonRun Slice(int start, int count) =>
        count == Count ? this : new JsonRun(Dot, Timestamp, Sequence + start, count, _texts, OffsetOf(start), OffsetOf(start + count));

    private int OffsetOf(int index)
    {
        var reader = new ByteReader(_texts.AsSpan(_start, _end - _start));
        for (var i = 0; i < index; i++) reader.ReadSpan();
        return _end - reader.Remaining;
    }
}
