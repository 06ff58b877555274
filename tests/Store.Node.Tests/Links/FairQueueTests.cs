using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;

namespace Gossipdb.Node.Tests.Links;

/// <summary>What waits for a link: fair by bytes, in order within a flow, bounded.</summary>
public sealed class FairQueueTests
{
    private const int Piece = 1_000;
    private const int Envelope = 4_000;

    [Fact]
    public void A_small_frame_passes_between_the_pieces_of_a_large_one()
    {
        var queue = new FairQueue(Piece, long.MaxValue);
        Add(queue, flow: 0, bytes: 100_000);
        Assert.Equal([(Flow: 0, Bytes: 100_000, IsWhole: false)], Take(queue, Piece));
        Add(queue, flow: 1, bytes: 10);

        Assert.Contains((1, 10, true), Take(queue, Envelope));
    }

    [Fact]
    public void Small_and_large_frames_share_the_bytes_while_both_wait()
    {
        var queue = new FairQueue(Piece, long.MaxValue);
        for (var i = 0; i < 10; i++) Add(queue, flow: 0, bytes: 10_000);
        for (var i = 0; i < 1_000; i++) Add(queue, flow: 1 + (i % 8), bytes: 100);

        long small = 0;
        long pieces = 0;
        for (var i = 0; i < 20; i++)
            foreach (var (flow, bytes, isWhole) in Take(queue, Envelope))
                if (isWhole) small += bytes;
                else pieces += Piece;

        Assert.InRange(small, pieces - Envelope, pieces + Envelope);
    }

    [Fact]
    public void Flows_of_small_frames_share_the_bytes_however_many_wait_in_one()
    {
        var queue = new FairQueue(Piece, long.MaxValue);
        for (var i = 0; i < 1_000; i++) Add(queue, flow: 0, bytes: 500);
        for (var i = 0; i < 100; i++) Add(queue, flow: 1, bytes: 500);

        var sent = Enumerable.Range(0, 25).SelectMany(_ => Take(queue, Envelope)).ToList();

        Assert.InRange(
            sent.Where(static one => one.Flow == 1).Sum(static one => one.Bytes),
            0.3 * sent.Sum(static one => one.Bytes),
            0.7 * sent.Sum(static one => one.Bytes));
    }

    [Fact]
    public void An_ack_goes_before_everything_even_where_nothing_else_may_go()
    {
        var queue = new FairQueue(Piece, long.MaxValue);
        Add(queue, flow: 0, bytes: 10_000);
        Add(queue, flow: 1, bytes: 10);
        Add(queue, flow: 2, bytes: 20, isUrgent: true);

        var body = new ByteWriter();
        Assert.True(queue.TryWrite(body, Envelope, urgentOnly: true));
        Assert.False(queue.TryWrite(body, Envelope, urgentOnly: true));
        Assert.Equal([(2, 20, true)], Frames(body));
        Assert.Equal(10_010, queue.Bytes);
    }

    [Fact]
    public void Past_its_bytes_it_takes_no_more_but_a_frame_alone_always_has_room()
    {
        var queue = new FairQueue(Piece, 5_000);

        Assert.True(queue.TryAdd(Frame(0, 20_000), isUrgent: false));
        Assert.False(queue.TryAdd(Frame(1, 1), isUrgent: false));
        while (queue.TryWrite(new ByteWriter(), Envelope))
        {
            // Until it is empty.
        }

        Assert.True(queue.IsEmpty);
        Assert.Equal(0, queue.Bytes);
        Assert.True(queue.TryAdd(Frame(1, 5_000), isUrgent: false));
    }

    [Fact]
    public void What_is_dropped_is_told()
    {
        var queue = new FairQueue(Piece, long.MaxValue);
        var called = 0;
        queue.TryAdd(new LinkFrame(LinkFrames.Forward, new byte[10], null, 10, () => called++), isUrgent: false);
        queue.TryAdd(new LinkFrame(LinkFrames.Forward, new byte[9_000], null, 9_000, () => called++), isUrgent: false);

        var dropped = new List<Action>();
        Assert.Equal(2, queue.Clear(dropped));
        dropped.ForEach(static told => told());
        Assert.Equal((2, 0, true), (called, (int)queue.Bytes, queue.IsEmpty));
    }

    [Fact]
    public void A_large_forwarded_request_holds_no_small_one_up()
    {
        var queue = new FairQueue(Piece, long.MaxValue);
        for (var i = 0; i < 10; i++) queue.TryAdd(new LinkFrame(LinkFrames.Forward, new byte[50_000], null, 50_000), isUrgent: false);
        queue.TryAdd(new LinkFrame(LinkFrames.Forward, [1], null, 1), isUrgent: false);

        var body = new ByteWriter();
        while (queue.TryWrite(body, Envelope - body.Length))
        {
            // One envelope.
        }

        var reader = new ByteReader(body.Written);
        Assert.Equal(LinkFrames.Forward, reader.ReadVarint());
        Assert.Equal([1], reader.ReadSpan().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_the_sizes_each_flow_arrives_whole_and_in_order(int seed)
    {
        var random = new Random(seed);
        var queue = new FairQueue(Piece, long.MaxValue);
        var inbox = new LinkInbox(long.MaxValue, long.MaxValue);
        var sent = new List<byte[]>[5];
        var arrived = new List<byte[]>[5];
        for (var flow = 0; flow < 5; flow++) (sent[flow], arrived[flow]) = ([], []);
        long position = 0;
        for (var step = 0; step < 2_000; step++)
        {
            if (step < 1_000)
            {
                var flow = random.Next(5);
                var content = new byte[random.Next(4) == 0 ? random.Next(20_000) : random.Next(Piece)];
                random.NextBytes(content);
                sent[flow].Add(content);
                Assert.True(
                    queue.TryAdd(new LinkFrame(LinkFrames.FirstPartition + (ulong)flow, content, null, content.Length), isUrgent: false));
            }

            var body = new ByteWriter();
            while (body.Length < Envelope && queue.TryWrite(body, Envelope - body.Length))
            {
                // One envelope.
            }

            Assert.InRange(body.Length, 0, Envelope + 64);
            position += body.Length;
            inbox.Hear(position, body.Length);
            var reader = new ByteReader(body.Written);
            while (reader.Remaining > 0)
            {
                var kind = reader.ReadVarint();
                var content = reader.ReadSpan();
                if (kind == LinkFrames.Piece)
                {
                    if (inbox.Take(content, out kind) is not { } whole) continue;
                    content = whole.Written;
                }

                arrived[kind - LinkFrames.FirstPartition].Add(content.ToArray());
            }
        }

        Assert.True(queue.IsEmpty);
        for (var flow = 0; flow < 5; flow++) Assert.Equal(sent[flow], arrived[flow]);
    }

    private static LinkFrame Frame(int flow, int bytes) => new(LinkFrames.FirstPartition + (ulong)flow, new byte[bytes], null, bytes);

    private static void Add(FairQueue queue, int flow, int bytes, bool isUrgent = false) =>
        Assert.True(queue.TryAdd(Frame(flow, bytes), isUrgent));

    private static List<(int Flow, int Bytes, bool IsWhole)> Take(FairQueue queue, int room)
    {
        var body = new ByteWriter();
        while (body.Length < room && queue.TryWrite(body, room - body.Length))
        {
            // One envelope.
        }

        return Frames(body);
    }

    // A piece counts as its whole frame's flow, with the largest size a test gives.
    private static List<(int Flow, int Bytes, bool IsWhole)> Frames(ByteWriter body)
    {
        var frames = new List<(int, int, bool)>();
        var reader = new ByteReader(body.Written);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadVarint();
            var content = reader.ReadSpan();
            if (kind != LinkFrames.Piece)
            {
                frames.Add(((int)(kind - LinkFrames.FirstPartition), content.Length, true));
                continue;
            }

            var piece = new ByteReader(content);
            piece.ReadByte();
            frames.Add(((int)(piece.ReadVarint() - LinkFrames.FirstPartition), 100_000, false));
        }

        return frames;
    }
}
