using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

/// <summary>Collects the elements of an array that have nothing to tell but their text into runs.</summary>
internal struct JsonRunWriter(JsonChildren into)
{
    private ByteWriter? _texts;
    private Dot _dot;
    private HybridTimestamp _timestamp;
    private long _sequence;
    private int _count;

    /// <summary>Adds an element by the sequence that names it, in ascending order.</summary>
    internal void Add(Dot dot, HybridTimestamp timestamp, long sequence, ReadOnlySpan<byte> text)
    {
        if (_count == JsonRun.Capacity || dot != _dot || timestamp != _timestamp || sequence != _sequence + _count) End();
        if (_count++ == 0) (_dot, _timestamp, _sequence) = (dot, timestamp, sequence);
        (_texts ??= new ByteWriter()).WriteBytes(text);
    }

    /// <summary>Nothing more comes.</summary>
    internal void End()
    {
        if (_count == 0) return;
        into.Add(new JsonRun(_dot, _timestamp, _sequence, _count, _texts!.ToArray()));
        _count = 0;
        _texts.Clear();
    }
}
