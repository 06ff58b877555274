using Gossipdb.Node.Links;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Windows, queues and confirmations: how much is under way and how much waits.</summary>
public sealed class PeerLinkFlowTests : PeerLinkKit
{
    [Fact]
    public void What_arrived_is_confirmed_once_its_partition_has_handled_it()
    {
        Start();
        HearOther();
        var whileHandled = new List<(LinkHeader Header, long Unhandled)>();
        Taker.Handling = () => OnAnotherThread(() => whileHandled.Add((Heartbeat(), Link.Status().UnhandledBytes)));

        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1)))));

        var (header, unhandled) = Assert.Single(whileHandled);
        Assert.Equal(OtherEnd.Session, header.EchoSession);
        Assert.True(header.EchoPosition <= End.Position - 5_200);
        Assert.True(unhandled >= 5_200);
        Assert.Equal(End.Position, Heartbeat().EchoPosition);
        Assert.Equal(0, Link.Status().UnhandledBytes);
    }

    [Fact]
    public void Nothing_of_an_envelope_is_confirmed_before_all_of_it_was_handled()
    {
        Start();
        HearOther();
        var whileHandled = new List<long>();
        Taker.Handling = () => OnAnotherThread(() => whileHandled.Add(Heartbeat().EchoPosition));

        End.Arrive(LinkFlags.HearsYou, Body(
            (LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1))),
            (LinkFrames.FirstPartition + 2, Encoded(LargeMessage(fill: 2)))));

        Assert.Equal([0, 0], whileHandled);
        Assert.Equal(End.Position, Heartbeat().EchoPosition);
    }

    [Fact]
    public void What_arrives_over_the_next_connection_is_handled_behind_what_is_left_of_the_one_before()
    {
        Start();
        HearOther();
        var before = End;
        Thread? reader = null;
        Taker.Handling = () =>
        {
            Taker.Handling = null;
            reader = new Thread(() =>
            {
                End = new OtherEnd(Link) { Position = before.Position + 100_000 };
                End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(3)))));
            });
            reader.Start();

            // It has handled that, or it waits to.
            Assert.True(SpinWait.SpinUntil(
                () => !reader.IsAlive || (Link.IsConnected && reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin)), 30_000));
        };

        before.Arrive(LinkFlags.HearsYou, Body(
            (LinkFrames.FirstPartition + 1, Encoded(Ack(1))), (LinkFrames.FirstPartition + 1, Encoded(Ack(2)))));
        Assert.True(reader!.Join(30_000));

        Assert.Equal([Ack(1), Ack(2), Ack(3)], DeliveredTo(1));
    }

    [Fact]
    public void While_the_journal_lags_nothing_is_confirmed_that_a_partition_has_handled()
    {
        Start(Patient + "gossipdb.journal.backlog = 64KiB");
        HearOther();
        Node.Journal.Backlog.Add(70_000);
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(LargeMessage(fill: 1)))));
        Assert.Single(Taker.Delivered);
        for (var i = 0; i < 5; i++) Assert.True(Heartbeat().EchoPosition < End.Position);

        Node.Journal.Backlog.Done(70_000);

        Assert.Equal(End.Position, Heartbeat().EchoPosition);
    }

    [Fact]
    public void A_quarter_of_the_window_is_confirmed_with_the_turn_that_has_handled_it()
    {
        Start(Patient + "gossipdb.links.envelope = 4KiB\ngossipdb.links.window = 16KiB");
        HearOther();

        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Events(2_000)))));
        Assert.True(End.HasNothing);
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Events(2_500)))));

        var (header, body) = End.NextEnvelope();
        Assert.Equal((End.Position, 0), (header.EchoPosition, body.Length));
        Assert.True(End.HasNothing);
    }

    [Fact]
    public void A_full_window_lets_acks_pass_and_nothing_else()
    {
        Start(Patient + """
            gossipdb.links.envelope = 1KiB
            gossipdb.links.window = 2KiB
            """);
        var ours = HearOther();
        for (var i = 0; i < 10; i++) Link.Send(LinkFrames.Forward, new byte[1000]);
        Assert.Equal((0, 7 * 1000), (Link.Status().MessagesDropped, Link.Status().WaitingBytes));
        for (var i = 0; i < 3; i++) End.NextEnvelope();

        Link.Send(1, Ack(1));
        Assert.Equal([(1, (PeerMessage?)Ack(1))], Decode(End.NextEnvelope().Body));

        End.Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: 3_000);
        Assert.Equal([(-1, (PeerMessage?)null)], Decode(End.NextEnvelope().Body));
    }

    [Fact]
    public void Past_the_queue_messages_are_dropped_and_counted_until_what_was_sent_is_confirmed()
    {
        Start(Patient + """
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
        void Send() => Link.Send(LinkFrames.Forward, new byte[1000], () => dropped++);

        // Three are under way, and 81 wait.
        for (var i = 0; i < 86; i++) Send();
        Assert.Equal((2, 81_000, 2), (Link.Status().MessagesDropped, Link.Status().WaitingBytes, dropped));
        Assert.True(Node.Links.LoadOf(Other).IsFullFor(1));

        // An echo of another life of this link confirms nothing; one of this life does.
        End.Arrive(LinkFlags.HearsYou, [], echoSession: ours + 1, echoPosition: 3009);
        Send();
        Assert.Equal(3, Link.Status().MessagesDropped);
        End.Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: 3009);
        Send();
        Assert.Equal((3, 79_000), (Link.Status().MessagesDropped, Link.Status().WaitingBytes));
    }

    [Fact]
    public void An_ack_and_a_small_message_do_not_wait_for_a_large_one()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        var ours = HearOther();
        Link.Send(1, Events(100_000));
        for (var i = 0; i < 2; i++) Assert.Equal([(-2, (PeerMessage?)null)], Decode(End.NextEnvelope().Body));
        Link.Send(1, Ack(1));
        Link.Send(2, Events(30));

        Assert.Equal([(1, (PeerMessage?)Ack(1))], Decode(End.NextEnvelope().Body));
        End.Arrive(LinkFlags.HearsYou, [], echoSession: ours, echoPosition: long.MaxValue);
        Assert.Contains(Decode(End.NextEnvelope().Body), one => one.Partition == 2);
    }

    // What sends within a turn waits for its end: another thread has a turn of its own.
    private static void OnAnotherThread(Action work)
    {
        var thread = new Thread(() => work());
        thread.Start();
        thread.Join();
    }
}
