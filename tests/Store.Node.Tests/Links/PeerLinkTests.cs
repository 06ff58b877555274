using Gossipdb.Node.Lanes;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Envelopes and what they carry: whole messages, and messages in pieces.</summary>
public sealed class PeerLinkTests : PeerLinkKit
{
    [Fact]
    public void What_a_turn_sends_leaves_in_one_envelope_in_order()
    {
        Start();
        HearOther();
        var messages = Enumerable.Range(0, 20).Select(i => (Partition: i % 4, Message: (PeerMessage?)Ack(i))).ToList();

        using (Turn.Begin())
        {
            messages.ForEach(message => Link.Send(message.Partition, message.Message!));
            Assert.True(End.HasNothing);
        }

        Assert.Equal(messages, Decode(End.NextEnvelope().Body));
        Assert.True(End.HasNothing);
    }

    [Fact]
    public void An_envelope_that_is_full_leaves_before_the_rest()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB");
        HearOther();

        using (Turn.Begin())
            for (var i = 0; i < 5; i++) Link.Send(LinkFrames.Forward, new byte[600]);

        Assert.Equal([603, 603, 603, 603, 603], Enumerable.Range(0, 5).Select(_ => End.NextEnvelope().Body.Length));
    }

    [Fact]
    public void What_arrives_goes_to_its_partition_or_to_the_gateway()
    {
        Start();

        End.Arrive(LinkFlags.HearsYou, Body(
            (LinkFrames.FirstPartition + 2, Encoded(Ack(1))),
            (LinkFrames.Forward, [1, 2]),
            (LinkFrames.FirstPartition, Encoded(Ack(2))),
            (LinkFrames.FirstPartition + 2, Encoded(Ack(3)))));

        Assert.Equal([(2, Other, Ack(1)), (0, Other, Ack(2)), (2, Other, Ack(3))], Taker.Delivered);
        var (kind, content, from) = Assert.Single(Taker.Frames);
        Assert.Equal((LinkFrames.Forward, Other), (kind, from));
        Assert.Equal([1, 2], content);
    }

    [Fact]
    public void A_message_larger_than_an_envelope_is_cut_and_put_together_again()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB");
        var large = LargeMessage(fill: 1);
        var pieces = PiecesOf(large);

        Assert.Equal(6, pieces.Count);
        Assert.All(pieces, piece => Assert.InRange(piece.Body.Length, 1, 1024 + 32));
        Assert.All(pieces[..^1], piece => Assert.False(IsLast(piece.Body)));

        // The other end is a link of its own kind: what the one cuts goes in as if that one had cut it.
        foreach (var piece in pieces) End.Arrive(piece.Header.Flags, piece.Body);
        var arrived = Assert.IsType<EventsMessage>(Assert.Single(DeliveredTo(1)));
        Assert.Equal(large.Encoded[0], arrived.Encoded[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_lost_piece_takes_its_message_with_it_and_nothing_else(int lost)
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB");
        var pieces = PiecesOf(LargeMessage(fill: 1));
        var next = LargeMessage(fill: 2);
        var nextPieces = PiecesOf(next);

        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(1)))));
        for (var i = 0; i < pieces.Count; i++)
        {
            if (i == lost) End.Position += pieces[i].Body.Length;
            else End.Arrive(pieces[i].Header.Flags, pieces[i].Body);
        }

        foreach (var piece in nextPieces) End.Arrive(piece.Header.Flags, piece.Body);
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(2)))));

        var arrived = DeliveredTo(1);
        Assert.Equal(3, arrived.Count);
        Assert.Equal((Ack(1), Ack(2)), (arrived[0], arrived[2]));
        Assert.Equal(next.Encoded[0], Assert.IsType<EventsMessage>(arrived[1]).Encoded[0]);
    }

    [Fact]
    public void A_message_is_never_made_of_the_pieces_of_two()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB");
        var first = PiecesOf(LargeMessage(fill: 1));
        var second = PiecesOf(LargeMessage(fill: 2));

        // The end of the one and the beginning of the other are lost: what is left would be long enough for a whole one.
        foreach (var piece in first[..2]) End.Arrive(piece.Header.Flags, piece.Body);
        End.Position += first[2..].Sum(piece => piece.Body.Length) + second[0].Body.Length;
        foreach (var piece in second[1..]) End.Arrive(piece.Header.Flags, piece.Body);
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(1)))));

        Assert.Equal([Ack(1)], DeliveredTo(1));
    }

    [Fact]
    public void Damaged_envelopes_are_dropped_and_the_link_goes_on()
    {
        Start();
        var good = OtherEnd.Split(End.Envelope(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition, Encoded(Ack(1))))));
        byte[][] bodies =
        [
            Body((LinkFrames.FirstPartition, [])),
            Body((LinkFrames.FirstPartition, [99, 0, 0, 0, 0, 0, 0, 0, 0])),
            Body((LinkFrames.FirstPartition, [.. Encoded(Ack(1)), 0])),
            Body((LinkFrames.FirstPartition + 4, Encoded(Ack(1)))),
            Body((ulong.MaxValue, Encoded(Ack(1)))),
            good.Body[..^1],
            [0x80],
        ];

        End.Feed([]);
        End.Feed([2, 0, 0]);
        End.Feed([1, 2, 9]);
        End.Feed(End.Envelope(LinkFlags.HearsYou, good.Body, from: 3));
        foreach (var body in bodies) End.Arrive(LinkFlags.HearsYou, body);
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition, Encoded(Ack(9)))));

        Assert.Equal([Ack(9)], DeliveredTo(0));
        Assert.True(Link.Status().Reachable);
    }

    [Fact]
    public void What_began_in_one_life_of_the_other_end_does_not_go_on_in_the_next()
    {
        Start(Patient + "gossipdb.links.envelope = 1KiB");
        var pieces = PiecesOf(LargeMessage(fill: 1));

        End.Arrive(pieces[0].Header.Flags, pieces[0].Body);
        foreach (var piece in pieces[1..]) End.Arrive(piece.Header.Flags, piece.Body, session: OtherEnd.Session + 1);
        End.Position = 0;
        End.Arrive(LinkFlags.HearsYou, Body((LinkFrames.FirstPartition + 1, Encoded(Ack(1)))), session: OtherEnd.Session + 2);

        Assert.Equal([Ack(1)], DeliveredTo(1));
    }
}
