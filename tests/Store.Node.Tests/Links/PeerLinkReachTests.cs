using Akka.Actor;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Whether the other node is within reach, and what each end says of itself.</summary>
public sealed class PeerLinkReachTests : PeerLinkKit
{
    [Fact]
    public void A_node_is_within_reach_only_while_both_ends_hear_each_other()
    {
        Start(Still);

        Arrive(LinkFlags.None, []);
        Assert.False(Status().Reachable);
        Arrive(LinkFlags.HearsYou, []);
        Assert.Equal(new LinkState(Other, true, false), View.ExpectMsg<LinkState>(Patience));
        Arrive(LinkFlags.HearsYou, []);
        Arrive(LinkFlags.None, []);
        Assert.Equal(new LinkState(Other, false, false), View.ExpectMsg<LinkState>(Patience));
    }

    [Fact]
    public void Membership_of_the_other_end_is_reported_when_it_changes()
    {
        Start(Still);

        Arrive(LinkFlags.HearsYou, []);
        Arrive(LinkFlags.HearsYou | LinkFlags.IsMember, []);

        Assert.Equal(new LinkState(Other, true, false), View.ExpectMsg<LinkState>(Patience));
        Assert.Equal(new LinkState(Other, true, true), View.ExpectMsg<LinkState>(Patience));
    }

    [Fact]
    public void A_journal_that_takes_no_writes_is_told_and_heard_and_so_is_its_end()
    {
        Start(Still);
        HearOther();
        Assert.Equal(
            LinkFlags.None,
            NextHeader(() => Link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, [1]))).Flags & LinkFlags.RefusesWrites);
        Node.Health.JournalFailed("the disk is full");
        Assert.Equal(
            LinkFlags.RefusesWrites,
            NextHeader(() => Link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, [1]))).Flags & LinkFlags.RefusesWrites);

        Arrive(LinkFlags.HearsYou | LinkFlags.RefusesWrites, []);
        Assert.Equal(new LinkState(Other, true, false, TakesWrites: false), View.ExpectMsg<LinkState>(Patience));
        Assert.True(Status().RefusingWrites);
        Arrive(LinkFlags.HearsYou, []);
        Assert.Equal(new LinkState(Other, true, false, TakesWrites: true), View.ExpectMsg<LinkState>(Patience));
        Assert.False(Status().RefusingWrites);
    }

    [Fact]
    public void A_node_that_falls_silent_is_out_of_reach()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 100ms");

        Arrive(LinkFlags.HearsYou, []);

        Assert.True(View.ExpectMsg<LinkState>(Patience).Reachable);
        Assert.False(View.ExpectMsg<LinkState>(Patience).Reachable);
        Assert.False(Status().Reachable);
    }

    [Fact]
    public void Heartbeats_say_whether_the_other_end_is_heard()
    {
        Start("gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 900s");

        Assert.Equal(LinkFlags.None, NextEnvelope().Header.Flags);
        Arrive(LinkFlags.None, []);
        var heard = Remote.FishForMessage<PeerEnvelope>(envelope => Split(envelope).Header.Flags == LinkFlags.HearsYou, Patience);
        Assert.Equal((Session, new NodeId(1)), (Split(heard).Header.EchoSession, Split(heard).Header.From));
    }

    [Fact]
    public void Nothing_is_sent_to_a_node_that_is_not_heard_and_what_is_dropped_is_counted()
    {
        Start(Still);
        var dropped = 0;
        Link.Tell(new PeerLink.Outgoing(0, Ack(1)));
        Link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, [1], () => Interlocked.Increment(ref dropped)));

        var status = Status();

        Assert.Equal((false, -1, 2, 1), (status.Reachable, status.LastHeardMsAgo, status.MessagesDropped, dropped));
    }

    [Fact]
    public void What_waits_for_a_node_that_goes_out_of_reach_is_dropped_and_told()
    {
        Start(Still + "gossipdb.links.envelope = 1KiB\ngossipdb.links.window = 2KiB");
        HearOther();
        var dropped = 0;
        for (var i = 0; i < 10; i++)
            Link.Tell(new PeerLink.OutgoingFrame(LinkFrames.Forward, new byte[1000], () => Interlocked.Increment(ref dropped)));

        Arrive(LinkFlags.None, []);

        Assert.Equal((7, 0), (Status().MessagesDropped, Status().WaitingBytes));
        Assert.Equal(7, dropped);
    }
}
