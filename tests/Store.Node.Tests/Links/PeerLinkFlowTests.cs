using Akka.Actor;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Windows, queues and confirmations: how much is under way and how much waits.</summary>
public sealed class PeerLinkFlowTests : PeerLinkKit
{
    [Fact]
    public void What_arrived_is_confirmed_once_its_partition_has_handled_it()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 900s");
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1)))));
        var incoming = Partitions[1].ExpectMsg<PeerLink.Incoming>(Patience);
        var arrived = Position;
        Remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoSession == Session, Patience);
        for (var i = 0; i < 5; i++) Assert.True(NextEnvelope().Header.EchoPosition <= arrived - 5_200);
        Assert.True(Status().UnhandledBytes >= 5_200);

        incoming.Handled();

        Remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoPosition == arrived, Patience);
        Assert.Equal(0, Status().UnhandledBytes);
    }

    [Fact]
    public void While_the_journal_lags_nothing_is_confirmed_that_a_partition_has_handled()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 900s\ngossipdb.journal.backlog = 64KiB");
        Node.Journal.Backlog.Add(70_000);
        Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1)))));
        Partitions[1].ExpectMsg<PeerLink.Incoming>(Patience).Handled();
        var arrived = Position;
        Remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoSession == Session, Patience);
        for (var i = 0; i < 5; i++) Assert.True(NextEnvelope().Header.EchoPosition < arrived);

        Node.Journal.Backlog.Done(70_000);

        Remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.EchoPosition == arrived, Patience);
    }

    [Fact]
    public void A_full_window_lets_acks_pass_and_nothing_else()
    {
        Start(Still + """
            gossipdb.links.envelope = 1KiB
            gossipdb.links.window = 2KiB
            """);
        var ours = HearOther();
        for (var i = 0; i < 10; i++) Link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[1000]));
        Assert.Equal((0, 7 * 1000), (Status().MessagesDropped, Status().WaitingBytes));
        for (var i = 0; i < 3; i++) NextEnvelope();

        Link.Tell(new PeerLink.Outgoing(1, Ack(1)));
        Assert.Equal([(1, (PeerMessage?)Ack(1))], Decode(NextEnvelope().Body));

        Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: 3_000);
        Assert.Equal([(-1, (PeerMessage?)null)], Decode(NextEnvelope().Body));
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
        void Send() => Link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[1000], () => Interlocked.Increment(ref dropped)));

        // Three are under way, and 81 wait.
        for (var i = 0; i < 86; i++) Send();
        Assert.Equal((2, 81_000, 2), (Status().MessagesDropped, Status().WaitingBytes, dropped));
        Assert.True(Node.Links.LoadOf(Other).IsFullFor(1));

        // An echo of another life of this link confirms nothing; one of this life does.
        Arrive(LinkFlags.HearsYou, [], echoSession: ours + 1, echoPosition: 3009);
        Send();
        Assert.Equal(3, Status().MessagesDropped);
        Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: 3009);
        Send();
        Assert.Equal((3, 79_000), (Status().MessagesDropped, Status().WaitingBytes));
    }

    [Fact]
    public void An_ack_and_a_small_message_do_not_wait_for_a_large_one()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        var ours = HearOther();
        Link.Tell(new PeerLink.Outgoing(
            1, new EventsMessage(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [new byte[100_000]])));
        for (var i = 0; i < 2; i++) Assert.Equal([(-2, (PeerMessage?)null)], Decode(NextEnvelope().Body));
        Link.Tell(new PeerLink.Outgoing(1, Ack(1)));
        Link.Tell(new PeerLink.Outgoing(
            2, new EventsMessage(new ReplicaId(5), AckWanted.None, AnswersFetch: false, More: false, [new byte[30]])));

        Assert.Equal([(1, (PeerMessage?)Ack(1))], Decode(NextEnvelope().Body));
        Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: long.MaxValue);
        Assert.Contains(Decode(NextEnvelope().Body), one => one.Partition == 2);
    }
}
