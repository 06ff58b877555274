using Gossipdb.Node.Faults;
using Gossipdb.Node.Links;
using Gossipdb.Node.Tests.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Whether the other node is within reach, and what each end says of itself.</summary>
public sealed class PeerLinkReachTests : PeerLinkKit
{
    [Fact]
    public void A_node_is_within_reach_only_while_both_ends_hear_each_other()
    {
        Start();

        End.Arrive(LinkFlags.None, []);
        Assert.False(Link.Status().Reachable);
        End.Arrive(LinkFlags.HearsYou, []);
        Assert.Equal(new LinkState(Other, true, false), NextState());
        End.Arrive(LinkFlags.HearsYou, []);
        End.Arrive(LinkFlags.None, []);
        Assert.Equal(new LinkState(Other, false, false), NextState());
        Assert.Empty(Taker.States);
    }

    [Fact]
    public void Membership_of_the_other_end_is_reported_when_it_changes()
    {
        Start();

        End.Arrive(LinkFlags.HearsYou, []);
        End.Arrive(LinkFlags.HearsYou | LinkFlags.IsMember, []);

        Assert.Equal(new LinkState(Other, true, false), NextState());
        Assert.Equal(new LinkState(Other, true, true), NextState());
    }

    [Fact]
    public void A_journal_that_takes_no_writes_is_told_and_heard_and_so_is_its_end()
    {
        Start();
        HearOther();
        Link.Send(LinkFrames.Forward, [1]);
        Assert.Equal(LinkFlags.None, End.NextEnvelope().Header.Flags & LinkFlags.RefusesWrites);
        Node.Health.JournalFailed("the disk is full");
        Link.Send(LinkFrames.Forward, [1]);
        Assert.Equal(LinkFlags.RefusesWrites, End.NextEnvelope().Header.Flags & LinkFlags.RefusesWrites);

        End.Arrive(LinkFlags.HearsYou | LinkFlags.RefusesWrites, []);
        Assert.Equal(new LinkState(Other, true, false, TakesWrites: false), NextState());
        Assert.True(Link.Status().RefusingWrites);
        End.Arrive(LinkFlags.HearsYou, []);
        Assert.Equal(new LinkState(Other, true, false, TakesWrites: true), NextState());
        Assert.False(Link.Status().RefusingWrites);
    }

    [Fact]
    public async Task A_node_that_falls_silent_is_out_of_reach()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 100ms");

        End.Arrive(LinkFlags.HearsYou, []);
        Assert.True(NextState().Reachable);
        await Poll.UntilAsync(
            () =>
            {
                Link.Heartbeat(NeverMs);
                return Task.FromResult(!Link.Status().Reachable);
            },
            "it is out of reach");

        Assert.False(NextState().Reachable);
        Assert.Null(End.Connection.ClosedBecause);
    }

    [Fact]
    public async Task A_connection_over_which_nothing_is_heard_for_long_is_closed()
    {
        Start();
        HearOther();

        Link.Heartbeat(60_000);
        Assert.Null(End.Connection.ClosedBecause);
        await Poll.UntilAsync(
            () =>
            {
                Link.Heartbeat(1);
                return Task.FromResult(End.Connection.ClosedBecause is not null);
            },
            "it is closed");

        Assert.Equal("nothing was heard", End.Connection.ClosedBecause);
        Assert.True(End.Reading.IsCompleted);
    }

    [Fact]
    public void A_node_whose_frame_comes_slowly_stays_within_reach()
    {
        var time = new ManualTime();
        Start("gossipdb.links.heartbeat-interval = 200ms\ngossipdb.links.unreachable-after = 1s", time);
        End.Arrive(LinkFlags.HearsYou, []);
        Assert.True(NextState().Reachable);

        var frame = MemoryConnection.Framed(new byte[100]);
        for (var sent = 0; sent < 50; sent++) Pass(frame[sent..(sent + 1)]);
        Assert.Empty(Taker.States);
        Assert.Null(End.Connection.ClosedBecause);

        // Nothing more of it comes.
        for (var quiet = 0; quiet < 10; quiet++) Pass([]);
        Assert.False(NextState().Reachable);
        Assert.Equal("nothing was heard", End.Connection.ClosedBecause);

        void Pass(byte[] part)
        {
            if (part.Length > 0) End.Connection.Feed(part);
            time.Advance(TimeSpan.FromMilliseconds(200));
            if (End.Connection.ClosedBecause is null) Link.Heartbeat(silentAfterMs: 1_500);
        }
    }

    [Fact]
    public void Where_what_it_sends_comes_late_for_an_experiment_the_connection_stays()
    {
        var time = new ManualTime();
        Start(Patient + "gossipdb.lab.fault-injection = on", time);
        HearOther();
        Node.Faults.Set(new FaultSet([new(Other, Node.Settings.Id) { BytesPerSecond = 100 }], [], []));
        time.Advance(TimeSpan.FromSeconds(5));
        Link.Heartbeat(silentAfterMs: 1_000);
        Assert.Null(End.Connection.ClosedBecause);

        Node.Faults.Set(FaultSet.None);
        Link.Heartbeat(silentAfterMs: 1_000);
        Assert.Equal("nothing was heard", End.Connection.ClosedBecause);
    }

    [Fact]
    public void Heartbeats_say_whether_the_other_end_is_heard()
    {
        Start();

        Assert.Equal(LinkFlags.TakesTraces, End.NextEnvelope().Header.Flags);
        Assert.Equal(LinkFlags.TakesTraces, Heartbeat().Flags);
        End.Arrive(LinkFlags.None, []);
        var heard = Heartbeat();
        Assert.Equal(
            (LinkFlags.HearsYou | LinkFlags.TakesTraces, OtherEnd.Session, new NodeId(1)), (heard.Flags, heard.EchoSession, heard.From));
        Assert.NotNull(heard.Clock);
    }

    [Fact]
    public void Nothing_is_sent_to_a_node_that_is_not_heard_and_what_is_dropped_is_counted()
    {
        Start();
        End.NextEnvelope();
        var dropped = 0;
        Link.Send(0, Ack(1));
        Link.Send(LinkFrames.Forward, [1], () => dropped++);

        var status = Link.Status();

        Assert.Equal((false, -1, 2, 1), (status.Reachable, status.LastHeardMsAgo, status.MessagesDropped, dropped));
        Assert.True(End.HasNothing);
    }

    [Fact]
    public void What_waits_for_a_node_that_goes_out_of_reach_is_dropped_and_told()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        HearOther();
        var dropped = 0;
        for (var i = 0; i < 10; i++) Link.Send(LinkFrames.Forward, new byte[1000], () => dropped++);

        End.Arrive(LinkFlags.None, []);

        Assert.Equal((7, 0), (Link.Status().MessagesDropped, Link.Status().WaitingBytes));
        Assert.Equal(7, dropped);
    }

    [Fact]
    public void A_node_whose_connection_ends_is_out_of_reach_at_once_and_what_waits_for_it_is_dropped_and_told()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        HearOther();
        var dropped = 0;
        for (var i = 0; i < 10; i++) Link.Send(LinkFrames.Forward, new byte[1000], () => dropped++);

        Link.Detach(End.Connection.Frames);

        Assert.False(NextState().Reachable);
        Assert.Equal((7, 0, false), (dropped, Link.Status().WaitingBytes, Link.IsConnected));
    }

    [Fact]
    public void The_link_goes_on_over_another_connection_and_the_one_before_is_closed_and_heard_no_more()
    {
        Start();
        HearOther();
        var before = End;

        End = new OtherEnd(Link) { Position = before.Position };

        Assert.Equal("there is another one", before.Connection.ClosedBecause);
        Assert.Equal(
            (LinkFlags.HearsYou | LinkFlags.TakesTraces, true), (End.NextEnvelope().Header.Flags, Link.Status().Reachable));
        Link.Receive(before.Connection.Frames, before.Envelope(LinkFlags.None, Body((LinkFrames.FirstPartition, Encoded(Ack(1))))));
        Link.Detach(before.Connection.Frames);
        Assert.Equal((true, true), (Link.IsConnected, Link.Status().Reachable));
        Assert.Empty(Taker.Delivered);

        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition, Encoded(Ack(2)))));
        Assert.Equal([Ack(2)], DeliveredTo(0));
        Link.Send(0, Ack(3));
        Assert.Equal([(0, (Replication.Wire.PeerMessage?)Ack(3))], Decode(End.NextEnvelope().Body));
        Assert.True(before.HasNothing);
    }

    [Fact]
    public void A_link_that_is_cut_discards_both_ways_and_goes_on_where_it_is_healed()
    {
        Start(Patient + "gossipdb.lab.fault-injection = on");
        HearOther();

        var self = Node.Settings.Id;
        Node.Faults.Set(new FaultSet([new(self, Other) { Cut = true }, new(Other, self) { Cut = true }], [], []));
        Link.Send(0, Ack(1));
        Link.Heartbeat(silentAfterMs: -1);
        End.Arrive(LinkFlags.None, Body((LinkFrames.FirstPartition, Encoded(Ack(2)))));
        Assert.True(End.HasNothing);
        Assert.Empty(Taker.Delivered);
        Assert.Equal((true, null), (Link.Status().Reachable, End.Connection.ClosedBecause));

        Node.Faults.Set(FaultSet.None);
        Link.Send(0, Ack(3));
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition, Encoded(Ack(4)))));
        Assert.Equal([(0, (Replication.Wire.PeerMessage?)Ack(3))], Decode(End.NextEnvelope().Body));
        Assert.Equal([Ack(4)], DeliveredTo(0));
    }

    [Fact]
    public void A_node_that_is_hung_up_on_is_told_why()
    {
        Start();

        Link.HangUp("the node was declared lost");

        Assert.Equal("the node was declared lost", End.Connection.ClosedBecause);
        Assert.True(End.Reading.IsCompleted);
    }
}
