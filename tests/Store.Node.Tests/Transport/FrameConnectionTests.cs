using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Tests.Lanes;
using Gossipdb.Node.Tests.Links;

namespace Gossipdb.Node.Tests.Transport;

/// <summary>Frames as they come and go, over a connection in memory.</summary>
public sealed class FrameConnectionTests
{
    private readonly List<byte[]> _taken = [];

    [Fact]
    public void A_frame_is_taken_once_its_last_byte_is_there_and_borrows_no_byte_of_the_next()
    {
        var other = new MemoryConnection();
        _ = other.Frames.ReadAsync(Take);
        byte[] bytes = [.. MemoryConnection.Framed([1, 2, 3]), .. MemoryConnection.Framed([]), .. MemoryConnection.Framed([4])];

        var counts = new List<int>();
        foreach (var one in bytes)
        {
            other.Feed(one);
            counts.Add(_taken.Count);
        }

        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3], counts);
        Assert.Equal([[1, 2, 3], [], [4]], _taken);
    }

    [Fact]
    public void What_one_read_brings_is_one_turn()
    {
        var other = new MemoryConnection();
        var outlet = new Sluice();
        _ = other.Frames.ReadAsync(frame => outlet.Put(frame[0]));

        other.Feed([.. MemoryConnection.Framed([1]), .. MemoryConnection.Framed([2]), .. MemoryConnection.Framed([3])[..^1]]);
        other.Feed(3);

        Assert.Equal([[1, 2], [3]], outlet.Flushed);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(3 << 20)]
    public void A_frame_over_several_segments_arrives_whole_and_so_do_those_behind_it(int length)
    {
        var other = new MemoryConnection(maxFrameBytes: 4 << 20, segmentBytes: 16);
        _ = other.Frames.ReadAsync(Take);
        var random = new Random(length);
        byte[][] frames = [new byte[length], new byte[length / 2], new byte[length]];
        foreach (var frame in frames) random.NextBytes(frame);

        other.Feed(frames.SelectMany(static frame => MemoryConnection.Framed(frame)).ToArray());

        Assert.Equal(frames, _taken);
    }

    [Fact]
    public async Task A_frame_may_be_as_long_as_allowed_and_no_longer()
    {
        var other = new MemoryConnection(maxFrameBytes: 100);
        var reading = other.Frames.ReadAsync(Take);

        other.Feed(MemoryConnection.Framed(new byte[100]));
        Assert.Single(_taken);
        other.Feed(101, 0, 0, 0);

        var corrupt = await Assert.ThrowsAsync<CorruptDataException>(() => reading);
        Assert.Equal("a frame of 101 bytes; the limit is 100", corrupt.Message);
    }

    [Fact]
    public async Task A_length_that_no_number_of_bytes_has_is_too_long_too()
    {
        var other = new MemoryConnection(maxFrameBytes: int.MaxValue);
        var reading = other.Frames.ReadAsync(Take);

        other.Feed(0xFF, 0xFF, 0xFF, 0xFF);

        await Assert.ThrowsAsync<CorruptDataException>(() => reading);
        Assert.Empty(_taken);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task An_end_within_a_frame_is_an_error(int bytes)
    {
        var other = new MemoryConnection();
        var reading = other.Frames.ReadAsync(Take);

        other.Feed(MemoryConnection.Framed([1, 2, 3]));
        other.Feed(MemoryConnection.Framed([1, 2, 3]).AsSpan(0, bytes));
        other.End();

        await Assert.ThrowsAsync<CorruptDataException>(() => reading);
        Assert.Single(_taken);
    }

    [Fact]
    public async Task An_end_behind_a_frame_is_the_end_and_a_loss_is_told()
    {
        var (ended, lost) = (new MemoryConnection(), new MemoryConnection());
        var (reading, losing) = (ended.Frames.ReadAsync(Take), lost.Frames.ReadAsync(Take));

        ended.Feed(MemoryConnection.Framed([1]));
        ended.End();
        lost.End(new IOException("the cable is cut"));

        await reading;
        Assert.Single(_taken);
        await Assert.ThrowsAsync<IOException>(() => losing);
    }

    [Fact]
    public async Task No_more_is_read_than_there_is_room_for()
    {
        var other = new MemoryConnection();
        var room = new TaskCompletionSource();
        _ = other.Frames.ReadAsync(Take, () => new ValueTask(room.Task));

        other.Feed([.. MemoryConnection.Framed([1]), .. MemoryConnection.Framed([2])]);
        other.Feed(MemoryConnection.Framed([3]));
        Assert.Equal(2, _taken.Count);

        room.SetResult();
        await Poll.UntilAsync(() => Task.FromResult(_taken.Count == 3), "it is read");
    }

    [Fact]
    public async Task The_first_frame_is_read_alone_and_what_follows_stays()
    {
        var other = new MemoryConnection();
        var first = other.Frames.ReadFirstAsync(maxBytes: 2, CancellationToken.None);
        other.Feed(2, 0, 0);
        Assert.False(first.IsCompleted);
        other.Feed([0, 7, 8, .. MemoryConnection.Framed([1, 2, 3]), 1]);

        Assert.Equal([7, 8], await first);
        _ = other.Frames.ReadAsync(Take);
        Assert.Equal([[1, 2, 3]], _taken);
        other.Feed(0, 0, 0, 9);
        Assert.Equal([[1, 2, 3], [9]], _taken);
    }

    [Fact]
    public async Task Without_a_first_frame_there_is_none_and_a_long_one_is_an_error()
    {
        var (ended, tooLong, silent) = (new MemoryConnection(), new MemoryConnection(), new MemoryConnection());
        ended.Feed(2, 0);
        ended.End();
        tooLong.Feed(MemoryConnection.Framed([1, 2, 3]));
        using var patience = new CancellationTokenSource();
        var waiting = silent.Frames.ReadFirstAsync(2, patience.Token);
        patience.Cancel();

        Assert.Null(await ended.Frames.ReadFirstAsync(2, CancellationToken.None));
        await Assert.ThrowsAsync<CorruptDataException>(async () => await tooLong.Frames.ReadFirstAsync(2, CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    [Fact]
    public void What_is_staged_leaves_with_a_flush()
    {
        var other = new MemoryConnection();
        var drained = 0;
        other.Frames.Drained = () => drained++;
        other.Frames.Stage([1, 2], [3]);
        other.Frames.Stage([4]);
        Assert.Equal((true, 12, 0), (other.IsEmpty, other.Frames.StagedBytes, drained));

        other.Frames.Flush();

        Assert.Equal((0, 1), (other.Frames.StagedBytes, drained));
        Assert.Equal([1, 2, 3], other.Next());
        Assert.Equal([4], other.Next());
        other.Frames.Flush();
        Assert.Equal((true, 1), (other.IsEmpty, drained));
    }

    [Fact]
    public void What_is_staged_while_the_transport_is_busy_follows_by_itself()
    {
        var other = new MemoryConnection(holdsBytes: 50);
        var drained = 0;
        other.Frames.Drained = () => drained++;
        other.Frames.Stage(new byte[100]);
        other.Frames.Flush();
        for (byte i = 1; i <= 2; i++)
        {
            other.Frames.Stage([i]);
            other.Frames.Flush();
        }

        Assert.Equal((10, 0), (other.Frames.StagedBytes, drained));
        Assert.Equal(100, other.Next()!.Length);
        Assert.Equal((0, 1), (other.Frames.StagedBytes, drained));
        Assert.Equal([1], other.Next());
        Assert.Equal([2], other.Next());
        Assert.True(other.IsEmpty);
    }

    [Fact]
    public void Closed_while_it_flushes_it_drops_what_is_staged_and_takes_no_more()
    {
        var other = new MemoryConnection(holdsBytes: 50);
        var reading = other.Frames.ReadAsync(Take);
        other.Frames.Stage(new byte[100]);
        other.Frames.Flush();
        other.Frames.Stage([1]);

        other.Frames.Close("enough");
        other.Frames.Close("once more");

        Assert.Equal(("enough", 0), (other.ClosedBecause, other.Frames.StagedBytes));
        Assert.True(reading.IsCompleted);
        other.Frames.Stage([2]);
        other.Frames.Flush();
        Assert.Equal(100, other.Next()!.Length);
        Assert.Equal((true, 0), (other.IsEmpty, other.Frames.StagedBytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void Where_nobody_takes_any_more_it_is_closed(int holdsBytes)
    {
        var other = new MemoryConnection(holdsBytes: holdsBytes);
        if (holdsBytes == 0) other.StopTaking();
        other.Frames.Stage(new byte[100]);
        other.Frames.Flush();
        if (holdsBytes > 0)
        {
            Assert.Null(other.ClosedBecause);
            other.StopTaking();
        }

        Assert.Equal("the other end is gone", other.ClosedBecause);
    }

    [Fact]
    public async Task Done_with_it_is_closed()
    {
        var other = new MemoryConnection();

        await other.Frames.DisposeAsync();

        Assert.Equal("it is done with", other.ClosedBecause);
    }

    [Fact]
    public async Task Whatever_two_threads_send_at_once_arrives_whole_and_in_order()
    {
        const int Each = 20_000;
        var other = new MemoryConnection(holdsBytes: 4_096);
        var senders = Enumerable.Range(0, 2).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                other.Frames.Stage(BitConverter.GetBytes(thread), BitConverter.GetBytes(i));
                other.Frames.Flush();
            }
        })).ToList();

        var next = new int[2];
        var deadline = Environment.TickCount64 + 60_000;
        while (next.Sum() < 2 * Each)
        {
            if (other.Next() is { } frame) Assert.Equal(next[BitConverter.ToInt32(frame, 0)]++, BitConverter.ToInt32(frame, 4));
            else Assert.True(Environment.TickCount64 < deadline, $"{next.Sum()} frames came");
        }

        await Task.WhenAll(senders);
        Assert.Null(other.ClosedBecause);
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        Assert.NotNull(Turn.Current);
        _taken.Add(frame.ToArray());
    }
}
