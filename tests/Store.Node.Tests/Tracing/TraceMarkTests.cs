using System.Diagnostics;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Tracing;

/// <summary>What of a message between nodes is traced travels in front of it, to those who understand that.</summary>
public sealed class TraceMarkTests : PeerLinkKit
{
    private static readonly TraceMark[] Marks =
    [
        new(7, ActivityTraceId.CreateFromString(Spans.Trace), ActivitySpanId.CreateFromString(Spans.Caller)),
        new(ulong.MaxValue, ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()),
    ];

    [Fact]
    public void What_was_written_is_read_and_nothing_else_is()
    {
        var written = Traced(Ack(3));

        // The format, once and for all: a byte that is no message's tag, how many, and of each a number, the trace, the span.
        Assert.Equal($"7F0207{Spans.Trace.ToUpperInvariant()}{Spans.Caller.ToUpperInvariant()}", Convert.ToHexString(written)[..54]);
        var reader = new ByteReader(written);
        Assert.Equal(Marks, LinkFrame.ReadMarks(ref reader));
        Assert.Equal(Ack(3), PeerMessage.Decode(ref reader));
        var plain = new ByteReader(Encoded(Ack(3)));
        Assert.Null(LinkFrame.ReadMarks(ref plain));
        Assert.Equal(Ack(3), PeerMessage.Decode(ref plain));
    }

    [Fact]
    public void What_is_cut_short_is_no_message()
    {
        var marks = new ByteWriter();
        TraceMark.Encode(marks, Marks);
        for (var length = 1; length <= marks.Length; length++)
        {
            var cut = Traced(Ack(3))[..length];
            Assert.Throws<CorruptDataException>(() =>
            {
                var reader = new ByteReader(cut);
                LinkFrame.ReadMarks(ref reader);
                PeerMessage.Decode(ref reader);
            });
        }
    }

    [Fact]
    public void A_node_that_has_not_said_that_it_understands_is_told_the_message_alone()
    {
        Start();
        Assert.True((HearOtherHeader().Flags & LinkFlags.TakesTraces) != 0);

        Link.Send(1, Ack(1), Marks);
        Assert.Equal(Encoded(Ack(1)), End.NextFrame().Content);

        End.Arrive(LinkFlags.HearsYou | LinkFlags.TakesTraces, []);
        Link.Send(1, Ack(2), Marks);
        Assert.Equal(Traced(Ack(2)), End.NextFrame().Content);
        Link.Send(1, LargeMessage(5), Marks);
        Assert.Equal(Traced(LargeMessage(5)), End.NextFrame().Content);
        Link.Send(1, Ack(3));
        Assert.Equal(Encoded(Ack(3)), End.NextFrame().Content);

        // An upgrade taken back.
        End.Arrive(LinkFlags.HearsYou, []);
        Link.Send(1, Ack(4), Marks);
        Assert.Equal(Encoded(Ack(4)), End.NextFrame().Content);
    }

    [Fact]
    public void What_arrives_is_handed_on_with_its_message()
    {
        Start();
        HearOther();

        End.Arrive(LinkFlags.HearsYou, Body(
            (LinkFrames.FirstPartition + 1, Traced(Ack(1))),
            (LinkFrames.FirstPartition + 1, Encoded(Ack(2)))));

        Assert.Equal([Ack(1), Ack(2)], DeliveredTo(1));
        Assert.Equal(Marks, Assert.Single(Taker.Marks));
    }

    private static byte[] Traced(PeerMessage message)
    {
        var writer = new ByteWriter();
        LinkFrame.Write(writer, message, Marks);
        return writer.ToArray();
    }

    private LinkHeader HearOtherHeader()
    {
        HearOther();
        return Heartbeat();
    }
}
