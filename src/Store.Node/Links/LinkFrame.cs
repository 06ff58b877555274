using Gossipdb.Crdt.Encoding;
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

    /// <summary>Acks, the questions of reads and their answers. They may overtake everything.</summary>
    public static bool HasNoEvents(PeerMessage message) =>
        message is AckMessage or ReadQueryMessage or ReadAnswerMessage or ProgressQueryMessage or ProgressAnswerMessage;

    /// <summary>A message of a partition. Events are encoded last, everything else now.</summary>
    public static LinkFrame Of(int partition, PeerMessage message, ByteWriter scratch)
    {
        var kind = LinkFrames.FirstPartition + (ulong)partition;
        if (message is EventsMessage events) return new LinkFrame(kind, null, message, ApproximateBytes(events));

        scratch.Clear();
        message.Encode(scratch);
        return new LinkFrame(kind, scratch.ToArray(), null, scratch.Length);
    }

    /// <summary>About how many bytes the message has: its head, and a length before each event.</summary>
    public static int ApproximateBytes(EventsMessage events)
    {
        var bytes = 64;
        for (var i = 0; i < events.Encoded.Count; i++) bytes += events.Encoded[i].Length + 5;
        return bytes;
    }
}
