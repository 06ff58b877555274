using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests.Links;

/// <summary>A link under test: the other end, the cluster view and the partitions are probes.</summary>
public abstract class PeerLinkKit : TestKit
{
    internal const ulong Session = 77;
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    internal static readonly NodeId Other = new(2);

    // Nothing happens by itself within a test, apart from the one heartbeat at the start.
    internal const string Still = """
        gossipdb.links.heartbeat-interval = 100s
        gossipdb.links.unreachable-after = 900s

        """;

    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _mayGoOn = new();

    internal List<(ulong Kind, byte[] Content, NodeId From)> Frames { get; } = [];

    internal TestProbe Remote { get; set; } = null!;

    internal TestProbe View { get; set; } = null!;

    internal TestProbe[] Partitions { get; set; } = null!;

    internal IActorRef Link { get; set; } = null!;

    internal TestNode Node { get; set; } = null!;

    internal long Position { get; set; }

    protected override void AfterAll()
    {
        _mayGoOn.Set();
        base.AfterAll();
    }

    internal static AckMessage Ack(long sequence) => new(new ReplicaId(5), new ReplicaId(6), sequence, sequence);

    internal static EventsMessage LargeMessage(byte fill) =>
        new(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [Enumerable.Repeat(fill, 5_200).ToArray()]);

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

    internal static (LinkHeader Header, byte[] Body) Split(PeerEnvelope envelope)
    {
        var reader = new ByteReader(envelope.Bytes);
        var header = LinkHeader.Decode(ref reader);
        return (header, reader.Take(reader.Remaining).ToArray());
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

    internal void Start(string more)
    {
        var settings = TestSettings.OfTwo(1, more);
        var node = Node = new TestNode(settings);
        Remote = CreateTestProbe("remote");
        View = CreateTestProbe("view");
        Partitions = [.. Enumerable.Range(0, 3).Select(partition => CreateTestProbe($"partition-{partition}"))];
        var environment = new LinkEnvironment
        {
            Settings = settings,
            Clock = node.Clock,
            Health = node.Health,
            View = View.Ref,
            IsMember = static () => false,
            MayConfirm = () => !node.Journal.Backlog.HoldsPeersBack,
            TakerOf = (partition, _) => partition < Partitions.Length ? Partitions[partition].Ref : null,
            TakeFrame = TakeFrame,
            Logger = NullLogger.Instance,
        };
        Link = Sys.ActorOf(Props.Create(() => new PeerLink(environment, Other, Remote.Ref, node.Links.LoadOf(Other))));
    }

    internal void TakeFrame(ulong kind, byte[] content, NodeId from)
    {
        Frames.Add((kind, content, from));
        if (kind != LinkFrames.ForwardReply) return;
        _entered.Set();
        _mayGoOn.Wait(Patience);
    }

    // Whatever is told meanwhile waits in the link's mailbox.
    internal void WhileBusy(Action tell)
    {
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.ForwardReply, [])));
        Assert.True(_entered.Wait(Patience));
        tell();
        _mayGoOn.Set();
    }

    /// <summary>Brings the other node within reach, past the first heartbeat.</summary>
    internal ulong HearOther()
    {
        var ours = NextEnvelope().Header.Session;
        Arrive(LinkFlags.HearsYou, []);
        Assert.True(View.ExpectMsg<LinkState>(Patience).Reachable);
        return ours;
    }

    internal PeerEnvelope Envelope(
        LinkFlags flags, byte[] body, int from = 2, ulong session = Session, ulong echoSession = 0, long echoPosition = 0)
    {
        var writer = new ByteWriter();
        new LinkHeader(new NodeId(from), session, echoSession, Position + body.Length, echoPosition, flags).Encode(writer);
        writer.WriteRaw(body);
        return new PeerEnvelope(writer.ToArray());
    }

    internal void Arrive(LinkFlags flags, byte[] body, ulong session = Session, ulong echoSession = 0, long echoPosition = 0)
    {
        Link.Tell(Envelope(flags, body, session: session, echoSession: echoSession, echoPosition: echoPosition));
        Position += body.Length;
    }

    internal LinkHeader NextHeader(Action tell)
    {
        tell();
        return NextEnvelope().Header;
    }

    internal (LinkHeader Header, byte[] Body) NextEnvelope() => Split(Remote.ExpectMsg<PeerEnvelope>(Patience));

    // What the link under test makes of a message of its own, to play the other end's part.
    internal List<(LinkHeader Header, byte[] Body)> PiecesOf(EventsMessage message)
    {
        if (!Status().Reachable) HearOther();
        Link.Tell(new PeerLink.Outgoing(1, message));
        var pieces = new List<(LinkHeader Header, byte[] Body)>();
        do pieces.Add(NextEnvelope());
        while (!IsLast(pieces[^1].Body));
        return pieces;
    }

    internal static bool IsLast(byte[] body)
    {
        var reader = new ByteReader(body);
        Assert.Equal(LinkFrames.Piece, reader.ReadVarint());
        return ((PieceFlags)reader.ReadSpan()[0] & PieceFlags.Last) != 0;
    }

    internal LinkStatus Status() => Link.Ask<LinkStatus>(PeerLink.StatusQuery.Instance, Patience).GetAwaiter().GetResult();
}
