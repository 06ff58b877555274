using System.Diagnostics;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Tracing;

/// <summary>What of a message between nodes is traced, and by which span. Traces that are not recorded do not travel.</summary>
/// <param name="Number">The last sequence of an event of the message's sender; of a read's question its number.</param>
/// <param name="Trace">The trace.</param>
/// <param name="Span">The span that the receiver's are children of.</param>
internal readonly record struct TraceMark(ulong Number, ActivityTraceId Trace, ActivitySpanId Span)
{
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>What a span at the receiver begins with.</summary>
    public ActivityContext Context => new(Trace, Span, ActivityTraceFlags.Recorded, traceState: null, isRemote: true);

    /// <summary>Writes some.</summary>
    public static void Encode(ByteWriter writer, IReadOnlyList<TraceMark> marks)
    {
        writer.WriteVarint((ulong)marks.Count);
        Span<byte> bytes = stackalloc byte[TraceBytes + SpanBytes];
        for (var i = 0; i < marks.Count; i++)
        {
            writer.WriteVarint(marks[i].Number);
            marks[i].Trace.CopyTo(bytes[..TraceBytes]);
            marks[i].Span.CopyTo(bytes[TraceBytes..]);
            writer.WriteRaw(bytes);
        }
    }

    /// <summary>Reads them back.</summary>
    /// <exception cref="CorruptDataException">There are none.</exception>
    public static TraceMark[] Decode(ref ByteReader reader)
    {
        var marks = new TraceMark[reader.ReadCount(minimumBytesEach: 1 + TraceBytes + SpanBytes)];
        for (var i = 0; i < marks.Length; i++)
        {
            marks[i] = new TraceMark(
                reader.ReadVarint(),
                ActivityTraceId.CreateFromBytes(reader.Take(TraceBytes)),
                ActivitySpanId.CreateFromBytes(reader.Take(SpanBytes)));
        }

        return marks;
    }
}
