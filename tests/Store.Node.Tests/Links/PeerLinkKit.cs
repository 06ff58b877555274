using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Links;

/// <summary>A link under test: the other end is in memory, and what it hands on to its node is kept. Nothing happens by itself.</summary>
public abstract class PeerLinkKit
{
    internal static readonly NodeId Other = new(2);

    // After so long nothing is.
    internal const long NeverMs = long.MaxValue;

    internal const string Patient = "gossipdb.links.unreachable-after = 900s\n";

    internal LinkTaker Taker { get; } = new();

    internal TestNode Node { get; set; } = null!;

    internal PeerLink Link { get; set; } = null!;

    internal OtherEnd End { get; set; } = null!;

    internal static AckMessage Ack(long sequence) => new(new ReplicaId(5), new ReplicaId(6), sequence, sequence);

    internal static EventsMessage Events(int bytes, byte fill = 0) =>
        new(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [Enumerable.Repeat(fill, bytes).ToArray()]);

    internal static EventsMessage LargeMessage(byte fill) => Events(5_200, fill);

    internal static byte[] Encoded(PeerMessage message)
    {
        var writer = new ByteWriter();
        message.Encode(writer);
        return writer.ToArray();
    }

    internal static byte[] Body(params (ulong Kind, byte[] Content)[] frames)
    {
        var writer = new ByteWriter();
        foreach (var (kind, content) in frames) LinkFrames.Write(writer, kind, content);
        return writer.ToArray();
    }

    internal static List<(int Partition, PeerMessage? Message)> Decode(byte[] body)
    {
        var frames = new List<(int, PeerMessage?)>();
        var reader = new ByteReader(body);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadVarint();
            var content = new ByteReader(reader.ReadSpan());
            frames.Add(kind < LinkFrames.FirstPartition
                ? (kind == LinkFrames.Piece ? -2 : -1, null)
                : ((int)(kind - LinkFrames.FirstPartition), PeerMessage.Decode(ref content)));
        }

        return frames;
    }

    internal void Start(string more = Patient, TimeProvider? time = null)
    {
        Node = new TestNode(TestSettings.OfTwo(1, more), time);
        Link = new PeerLink(Taker.Of(Node), Other, Node.Links.LoadOf(Other));
        End = new OtherEnd(Link);
    }

    /// <summary>What was told of the link last, which nobody has looked at.</summary>
    internal LinkState NextState()
    {
        Assert.True(Taker.States.TryDequeue(out var state), "nothing was told");
        return state;
    }

    /// <summary>What came for a partition, in order.</summary>
    internal List<PeerMessage> DeliveredTo(int partition) =>
        [.. Taker.Delivered.Where(one => one.Partition == partition).Select(static one => one.Message)];

    /// <summary>Brings the other node within reach, past the first heartbeat.</summary>
    internal ulong HearOther()
    {
        var ours = End.Hear();
        Assert.True(NextState().Reachable);
        return ours;
    }

    internal LinkHeader Heartbeat()
    {
        Link.Heartbeat(NeverMs);
        return End.NextEnvelope().Header;
    }

    // What the link under test makes of a message of its own, to play the other end's part.
    internal List<(LinkHeader Header, byte[] Body)> PiecesOf(EventsMessage message)
    {
        if (!Link.Status().Reachable) HearOther();
        Link.Send(1, message);
        var pieces = new List<(LinkHeader Header, byte[] Body)>();
        do pieces.Add(End.NextEnvelope());
        while (!IsLast(pieces[^1].Body));
        return pieces;
    }

    internal static bool IsLast(byte[] body)
    {
        var reader = new ByteReader(body);
        Assert.Equal(LinkFrames.Piece, reader.ReadVarint());
        return ((PieceFlags)reader.ReadSpan()[0] & PieceFlags.Last) != 0;
    }
}
