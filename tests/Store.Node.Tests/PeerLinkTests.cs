using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Actors;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests;

public sealed class PeerLinkTests : TestKit
{
    private const ulong Session = 77;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly NodeId Other = new(2);

    // Nothing happens by itself within a test, apart from the one heartbeat at the start.
    private const string Still = """
        gossipdb.links.heartbeat-interval = 100s
        gossipdb.links.unreachable-after = 900s

        """;

    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _mayGoOn = new();
    private readonly List<(ulong Kind, byte[] Content, NodeId From)> _frames = [];
    private TestProbe _remote = null!;
    private TestProbe _view = null!;
    private TestProbe[] _partitions = null!;
    private IActorRef _link = null!;
    private NodeContext _node = null!;
    private long _position;

    [Fact]
    public void What_waits_leaves_in_one_envelope_in_order()
    {
        Start(Still);
        HearOther();
        var messages = Enumerable.Range(0, 20).Select(i => (Partition: i % 4, Message: (PeerMessage?)Ack(i))).ToList();

        WhileBusy(() => messages.ForEach(message => _link.Tell(new PeerLink.Outgoing(message.Partition, message.Message!))));

        Assert.Equal(messages, Decode(NextEnvelope().Body));
    }

    [Fact]
    public void An_envelope_that_is_full_leaves_before_the_rest()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB");
        HearOther();

        WhileBusy(() =>
        {
            for (var i = 0; i < 5; i++) _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[600]));
        });

        Assert.Equal([603, 603, 603, 603, 603], Enumerable.Range(0, 5).Select(_ => NextEnvelope().Body.Length));
    }

    [Fact]
    public void What_arrives_goes_to_its_partition_or_to_the_gateway()
    {
        Start(Still);

        Arrive(LinkFlags.HearsYou, Body(
            (LinkFrames.FirstPartition + 2, Encoded(Ack(1))),
            (LinkFrames.Forward, [1, 2]),
            (LinkFrames.FirstPartition, Encoded(Ack(2))),
            (LinkFrames.FirstPartition + 2, Encoded(Ack(3)))));

        Assert.Equal(Ack(1), _partitions[2].ExpectMsg<PeerLink.Incoming>(Patience).Message);
        Assert.Equal(Ack(3), _partitions[2].ExpectMsg<PeerLink.Incoming>(Patience).Message);
        Assert.Equal(Ack(2), _partitions[0].ExpectMsg<PeerLink.Incoming>(Patience).Message);
        var (kind, content, from) = Assert.Single(_frames);
        Assert.Equal((LinkFrames.Forward, Other), (kind, from));
        Assert.Equal([1, 2], content);
    }

    [Fact]
    public void A_message_larger_than_an_envelope_is_cut_and_put_together_again()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB");
        var large = LargeMessage(fill: 1);
        var pieces = PiecesOf(large);

        Assert.Equal(6, pieces.Count);
        Assert.All(pieces, piece => Assert.InRange(piece.Body.Length, 1, 1024 + 32));
        Assert.All(pieces[..^1], piece => Assert.False(IsLast(piece.Body)));

        // The other end is a link of its own kind: what the one cuts goes in as if that one had cut it.
        foreach (var piece in pieces) Arrive(piece.Header.Flags, piece.Body);
        var arrived = Assert.IsType<EventsMessage>(_partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Message);
        Assert.Equal(large.Encoded[0], arrived.Encoded[0]);
    }

    [Fact]
    public void An_ack_and_a_small_message_do_not_wait_for_a_large_one()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        var ours = HearOther();
        _link.Tell(new PeerLink.Outgoing(1, new EventsMessage(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [new byte[100_000]])));
        for (var i = 0; i < 2; i++) Assert.Equal([(-2, (PeerMessage?)null)], Decode(NextEnvelope().Body));
        _link.Tell(new PeerLink.Outgoing(1, Ack(1)));
        _link.Tell(new PeerLink.Outgoing(2, new EventsMessage(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [new byte[30]])));

        Assert.Equal([(1, (PeerMessage?)Ack(1))], Decode(NextEnvelope().Body));
        Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: long.MaxValue);
        Assert.Contains(Decode(NextEnvelope().Body), one => one.Partition == 2);
    }

    [Fact]
    public void What_arrived_is_confirmed_once_its_partition_has_handled_it()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 900s");
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1)))));
        var incoming = _partitions[1].ExpectMsg<PeerLink.Incoming>(Patience);
        var arrived = _position;
        _remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoSession == Session, Patience);
        for (var i = 0; i < 5; i++) Assert.True(NextEnvelope().Header.EchoPosition <= arrived - 5_200);
        Assert.True(Status().UnhandledBytes >= 5_200);

        incoming.Handled();

        _remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoPosition == arrived, Patience);
        Assert.Equal(0, Status().UnhandledBytes);
    }

    [Fact]
    public void While_the_journal_lags_nothing_is_confirmed_that_a_partition_has_handled()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 900s\ngossipdb.journal.backlog = 64KiB");
        _node.JournalBacklog.Add(70_000);
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1)))));
        _partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Handled();
        var arrived = _position;
        _remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoSession == Session, Patience);
        for (var i = 0; i < 5; i++) Assert.True(NextEnvelope().Header.EchoPosition < arrived);

        _node.JournalBacklog.Done(70_000);

        _remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoPosition == arrived, Patience);
    }

    [Fact]
    public void A_full_window_lets_acks_pass_and_nothing_else()
    {
        Start(Still + """
            gossipdb.links.envelope = 1KiB
            gossipdb.links.window = 2KiB
            """);
        var ours = HearOther();
        for (var i = 0; i < 10; i++) _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[1000]));
        Assert.Equal((0, 7 * 1000), (Status().MessagesDropped, Status().WaitingBytes));
        for (var i = 0; i < 3; i++) NextEnvelope();

        _link.Tell(new PeerLink.Outgoing(1, Ack(1)));
        Assert.Equal([(1, (PeerMessage?)Ack(1))], Decode(NextEnvelope().Body));

        Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: 3_000);
        Assert.Equal([(-1, (PeerMessage?)null)], Decode(NextEnvelope().Body));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_lost_piece_takes_its_message_with_it_and_nothing_else(int lost)
    {
        Start(Still + "gossipdb.links.envelope = 1KiB");
        var pieces = PiecesOf(LargeMessage(fill: 1));
        var next = LargeMessage(fill: 2);
        var nextPieces = PiecesOf(next);

        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(1)))));
        for (var i = 0; i < pieces.Count; i++)
        {
            if (i == lost) _position += pieces[i].Body.Length;
            else Arrive(pieces[i].Header.Flags, pieces[i].Body);
        }

        foreach (var piece in nextPieces) Arrive(piece.Header.Flags, piece.Body);
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(2)))));

        Assert.Equal(Ack(1), _partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Message);
        Assert.Equal(next.Encoded[0], Assert.IsType<EventsMessage>(_partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Message).Encoded[0]);
        Assert.Equal(Ack(2), _partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Message);
    }

    [Fact]
    public void A_message_is_never_made_of_the_pieces_of_two()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB");
        var first = PiecesOf(LargeMessage(fill: 1));
        var second = PiecesOf(LargeMessage(fill: 2));

        // The end of the one and the beginning of the other are lost: what is left would be long enough for a whole one.
        foreach (var piece in first[..2]) Arrive(piece.Header.Flags, piece.Body);
        _position += first[2..].Sum(piece => piece.Body.Length) + second[0].Body.Length;
        foreach (var piece in second[1..]) Arrive(piece.Header.Flags, piece.Body);
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(1)))));

        Assert.Equal(Ack(1), _partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Message);
    }

    [Fact]
    public void Past_the_queue_messages_are_dropped_and_counted_until_what_was_sent_is_confirmed()
    {
        Start(Still + """
            gossipdb.limits.in-flight = 64KiB
            gossipdb.limits.answers = 64KiB
            gossipdb.limits.answers-per-client = 64KiB
            gossipdb.limits.value = 512
            gossipdb.limits.change = 1KiB
            gossipdb.links.envelope = 1KiB
            gossipdb.links.window = 2KiB
            gossipdb.links.queue = 80KiB
            """);
        var ours = HearOther();
        var dropped = 0;
        void Send() => _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[1000], () => Interlocked.Increment(ref dropped)));

        // Three are under way, and 81 wait.
        for (var i = 0; i < 86; i++) Send();
        Assert.Equal((2, 81_000, 2), (Status().MessagesDropped, Status().WaitingBytes, dropped));
        Assert.True(_node.LoadOf(Other).IsFullFor(1));

        // An echo of another life of this link confirms nothing; one of this life does.
        Arrive(LinkFlags.HearsYou, [], echoSession: ours + 1, echoPosition: 3009);
        Send();
        Assert.Equal(3, Status().MessagesDropped);
        Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: 3009);
        Send();
        Assert.Equal((3, 79_000), (Status().MessagesDropped, Status().WaitingBytes));
    }

    [Fact]
    public void What_waits_for_a_node_that_goes_out_of_reach_is_dropped_and_told()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        HearOther();
        var dropped = 0;
        for (var i = 0; i < 10; i++) _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[1000], () => Interlocked.Increment(ref dropped)));

        Arrive(LinkFlags.None, []);

        Assert.Equal((7, 0), (Status().MessagesDropped, Status().WaitingBytes));
        Assert.Equal(7, dropped);
    }

    [Fact]
    public void Nothing_is_sent_to_a_node_that_is_not_heard_and_what_is_dropped_is_counted()
    {
        Start(Still);
        var dropped = 0;
        _link.Tell(new PeerLink.Outgoing(0, Ack(1)));
        _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, [1], () => Interlocked.Increment(ref dropped)));

        var status = Status();

        Assert.Equal((false, -1, 2, 1), (status.Reachable, status.LastHeardMsAgo, status.MessagesDropped, dropped));
    }

    [Fact]
    public void A_node_is_within_reach_only_while_both_ends_hear_each_other()
    {
        Start(Still);

        Arrive(LinkFlags.None, []);
        Assert.False(Status().Reachable);
        Arrive(LinkFlags.HearsYou, []);
        Assert.Equal(new ClusterView.LinkState(Other, true, false), _view.ExpectMsg<ClusterView.LinkState>(Patience));
        Arrive(LinkFlags.HearsYou, []);
        Arrive(LinkFlags.None, []);
        Assert.Equal(new ClusterView.LinkState(Other, false, false), _view.ExpectMsg<ClusterView.LinkState>(Patience));
    }

    [Fact]
    public void Membership_of_the_other_end_is_reported_when_it_changes()
    {
        Start(Still);

        Arrive(LinkFlags.HearsYou, []);
        Arrive(LinkFlags.HearsYou | LinkFlags.IsMember, []);

        Assert.Equal(new ClusterView.LinkState(Other, true, false), _view.ExpectMsg<ClusterView.LinkState>(Patience));
        Assert.Equal(new ClusterView.LinkState(Other, true, true), _view.ExpectMsg<ClusterView.LinkState>(Patience));
    }

    [Fact]
    public void A_journal_that_takes_no_writes_is_told_and_heard_and_so_is_its_end()
    {
        Start(Still);
        HearOther();
        Assert.Equal(LinkFlags.None, NextHeader(() => _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, [1]))).Flags & LinkFlags.RefusesWrites);
        _node.Health.JournalFailed("the disk is full");
        Assert.Equal(LinkFlags.RefusesWrites, NextHeader(() => _link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, [1]))).Flags & LinkFlags.RefusesWrites);

        Arrive(LinkFlags.HearsYou | LinkFlags.RefusesWrites, []);
        Assert.Equal(new ClusterView.LinkState(Other, true, false, TakesWrites: false), _view.ExpectMsg<ClusterView.LinkState>(Patience));
        Assert.True(Status().RefusingWrites);
        Arrive(LinkFlags.HearsYou, []);
        Assert.Equal(new ClusterView.LinkState(Other, true, false, TakesWrites: true), _view.ExpectMsg<ClusterView.LinkState>(Patience));
        Assert.False(Status().RefusingWrites);
    }

    [Fact]
    public void A_node_that_falls_silent_is_out_of_reach()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 100ms");

        Arrive(LinkFlags.HearsYou, []);

        Assert.True(_view.ExpectMsg<ClusterView.LinkState>(Patience).Reachable);
        Assert.False(_view.ExpectMsg<ClusterView.LinkState>(Patience).Reachable);
        Assert.False(Status().Reachable);
    }

    [Fact]
    public void Heartbeats_say_whether_the_other_end_is_heard()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 900s");

        Assert.Equal(LinkFlags.None, NextEnvelope().Header.Flags);
        Arrive(LinkFlags.None, []);
        var heard = _remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.Flags == LinkFlags.HearsYou, Patience);
        Assert.Equal((Session, new NodeId(1)), (Split(heard).Header.EchoSession, Split(heard).Header.From));
    }

    [Fact]
    public void Damaged_envelopes_are_dropped_and_the_link_goes_on()
    {
        Start(Still);
        var good = Split(Envelope(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition, Encoded(Ack(1))))));
        byte[][] bodies =
        [
            Body((LinkFrames.FirstPartition, [])),
            Body((LinkFrames.FirstPartition, [99, 0, 0, 0, 0, 0, 0, 0, 0])),
            Body((LinkFrames.FirstPartition, [.. Encoded(Ack(1)), 0])),
            Body((LinkFrames.FirstPartition + 3, Encoded(Ack(1)))),
            Body((LinkFrames.FirstPartition + 4, Encoded(Ack(1)))),
            Body((ulong.MaxValue, Encoded(Ack(1)))),
            good.Body[..^1],
            [0x80],
        ];

        _link.Tell(new PeerEnvelope([]));
        _link.Tell(new PeerEnvelope([2, 0, 0]));
        _link.Tell(new PeerEnvelope([1, 2, 9]));
        _link.Tell(Envelope(LinkFlags.HearsYou, good.Body, from: 3));
        foreach (var body in bodies) Arrive(LinkFlags.HearsYou, body);
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition, Encoded(Ack(9)))));

        Assert.Equal(Ack(9), _partitions[0].ExpectMsg<PeerLink.Incoming>(Patience).Message);
        Assert.True(Status().Reachable);
    }

    [Fact]
    public void What_began_in_one_life_of_the_other_end_does_not_go_on_in_the_next()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB");
        var pieces = PiecesOf(LargeMessage(fill: 1));

        Arrive(pieces[0].Header.Flags, pieces[0].Body);
        foreach (var piece in pieces[1..]) Arrive(piece.Header.Flags, piece.Body, session: Session + 1);
        _position = 0;
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(1)))), session: Session + 2);

        Assert.Equal(Ack(1), _partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Message);
    }

    protected override void AfterAll()
    {
        _mayGoOn.Set();
        base.AfterAll();
    }

    private static AckMessage Ack(long sequence) => new(new ReplicaId(5), new ReplicaId(6), sequence, sequence);

    private static EventsMessage LargeMessage(byte fill) =>
        new(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [Enumerable.Repeat(fill, 5_200).ToArray()]);

    private static byte[] Encoded(PeerMessage message)
    {
        var writer = new ByteWriter();
        message.Encode(writer);
        return writer.ToArray();
    }

    private static byte[] Body(params (ulong Kind, byte[] Content)[] frames)
    {
        var writer = new ByteWriter();
        foreach (var (kind, content) in frames) LinkFrames.Write(writer, kind, content);
        return writer.ToArray();
    }

    private static (LinkHeader Header, byte[] Body) Split(PeerEnvelope envelope)
    {
        var reader = new ByteReader(envelope.Bytes);
        var header = LinkHeader.Decode(ref reader);
        return (header, reader.Take(reader.Remaining).ToArray());
    }

    private static List<(int Partition, PeerMessage? Message)> Decode(byte[] body)
    {
        var frames = new List<(int, PeerMessage?)>();
        var reader = new ByteReader(body);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadVarint();
            var content = new ByteReader(reader.ReadSpan());
            frames.Add(kind < LinkFrames.FirstPartition ? (kind == LinkFrames.Piece ? -2 : -1, null) : ((int)(kind - LinkFrames.FirstPartition), PeerMessage.Decode(ref content)));
        }

        return frames;
    }

    private void Start(string more)
    {
        var settings = TestSettings.OfTwo(1, more);
        var node = _node = TestSettings.ContextOf(settings);
        _remote = CreateTestProbe("remote");
        _view = CreateTestProbe("view");
        _partitions = [.. Enumerable.Range(0, 3).Select(partition => CreateTestProbe($"partition-{partition}"))];
        node.ClusterView = _view.Ref;
        for (var partition = 0; partition < _partitions.Length; partition++) node.Partitions[partition] = _partitions[partition].Ref;
        _link = Sys.ActorOf(Props.Create(() => new PeerLink(node, Other, _remote.Ref, TakeFrame, () => false, NullLogger.Instance)));
    }

    private void TakeFrame(ulong kind, byte[] content, NodeId from)
    {
        _frames.Add((kind, content, from));
        if (kind != LinkFrames.ForwardReply) return;
        _entered.Set();
        _mayGoOn.Wait(Patience);
    }

    // Whatever is told meanwhile waits in the link's mailbox.
    private void WhileBusy(Action tell)
    {
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.ForwardReply, [])));
        Assert.True(_entered.Wait(Patience));
        tell();
        _mayGoOn.Set();
    }

    /// <summary>Brings the other node within reach, past the first heartbeat.</summary>
    private ulong HearOther()
    {
        var ours = NextEnvelope().Header.Session;
        Arrive(LinkFlags.HearsYou, []);
        Assert.True(_view.ExpectMsg<ClusterView.LinkState>(Patience).Reachable);
        return ours;
    }

    private PeerEnvelope Envelope(LinkFlags flags, byte[] body, int from = 2, ulong session = Session, ulong echoSession = 0, long echoPosition = 0)
    {
        var writer = new ByteWriter();
        new LinkHeader(new NodeId(from), session, echoSession, _position + body.Length, echoPosition, flags).Encode(writer);
        writer.WriteRaw(body);
        return new PeerEnvelope(writer.ToArray());
    }

    private void Arrive(LinkFlags flags, byte[] body, ulong session = Session, ulong echoSession = 0, long echoPosition = 0)
    {
        _link.Tell(Envelope(flags, body, session: session, echoSession: echoSession, echoPosition: echoPosition));
        _position += body.Length;
    }

    private LinkHeader NextHeader(Action tell)
    {
        tell();
        return NextEnvelope().Header;
    }

    private (LinkHeader Header, byte[] Body) NextEnvelope() => Split(_remote.ExpectMsg<PeerEnvelope>(Patience));

    // What the link under test makes of a message of its own, to play the other end's part.
    private List<(LinkHeader Header, byte[] Body)> PiecesOf(EventsMessage message)
    {
        if (!Status().Reachable) HearOther();
        _link.Tell(new PeerLink.Outgoing(1, message));
        var pieces = new List<(LinkHeader Header, byte[] Body)>();
        do pieces.Add(NextEnvelope());
        while (!IsLast(pieces[^1].Body));
        return pieces;
    }

    private static bool IsLast(byte[] body)
    {
        var reader = new ByteReader(body);
        Assert.Equal(LinkFrames.Piece, reader.ReadVarint());
        return ((PieceFlags)reader.ReadSpan()[0] & PieceFlags.Last) != 0;
    }

    private Protocol.PeerStatus Status() => _link.Ask<Protocol.PeerStatus>(PeerLink.StatusQuery.Instance, Patience).GetAwaiter().GetResult();
}
