using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Links;

/// <summary>
/// One frame that waits for a link: bytes, or a message that is encoded when its turn comes, so that what several links wait to send is
/// held once.
/// </summary>
/// <param name="Kind">Its kind (<see cref="LinkFrames"/>), and the flow it keeps its order in.</param>
/// <param name="Content">Its bytes; null where <paramref name="Message"/> has them.</param>
/// <param name="Message">The message; null where there are bytes.</param>
/// <param name="Bytes">About how many bytes it has.</param>
/// <param name="Dropped">Told where it is dropped.</param>
internal readonly record struct LinkFrame(ulong Kind, byte[]? Content, PeerMessage? Message, int Bytes, Action? Dropped = null)
{
    /// <summary>
    /// Up to this size, what carries no events goes before everything else, also through a full window: clients wait for it, and it costs
    /// no memory where it arrives.
    /// </summary>
    public const int MaxUrgentBytes = 512;

    // Stands where a message has its tag. Only who says LinkFlags.TakesTraces is sent it.
    private const byte Traced = 127;

    /// <summary>Acks, the questions of reads and their answers. They may overtake everything.</summary>
    public static bool HasNoEvents(PeerMessage message) =>
        message is AckMessage or ReadQueryMessage or ReadAnswerMessage or ProgressQueryMessage or ProgressAnswerMessage;

    /// <summary>A message of a partition. Events are encoded last, everything else now, and so is what is traced.</summary>
    public static LinkFrame Of(int partition, PeerMessage message, IReadOnlyList<TraceMark>? marks, ByteWriter scratch)
    {
        var kind = LinkFrames.FirstPartition + (ulong)partition;
        if (marks is null && message is EventsMessage events) return new LinkFrame(kind, null, message, ApproximateBytes(events));

        Write(scratch, message, marks);
        return new LinkFrame(kind, scratch.ToArray(), null, scratch.Length);
    }

    /// <summary>Writes a message of a partition, behind what of it is traced.</summary>
    public static void Write(ByteWriter scratch, PeerMessage message, IReadOnlyList<TraceMark>? marks)
    {
        scratch.Clear();
        if (marks is not null)
        {
            scratch.WriteByte(Traced);
            TraceMark.Encode(scratch, marks);
        }

        message.Encode(scratch);
    }

    /// <summary>Reads what of a message is traced; null where nothing is. The message itself is behind it.</summary>
    /// <exception cref="CorruptDataException">It cannot be read.</exception>
    public static TraceMark[]? ReadMarks(ref ByteReader reader)
    {
        var ahead = reader;
        if (ahead.ReadByte() != Traced) return null;
        var marks = TraceMark.Decode(ref ahead);
        reader = ahead;
        return marks;
    }

    /// <summary>About how many bytes the message has: its head, and a length before each event.</summary>
    public static int ApproximateBytes(EventsMessage events)
    {
        var bytes = 64;
        for (var i = 0; i < events.Encoded.Count; i++) bytes += events.Encoded[i].Length + 5;
        return bytes;
    }
}
