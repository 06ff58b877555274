using Gossipdb.Node.Faults;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Node.Tests.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Transport;

/// <summary>Frames over a link that is told faults, by a clock that stands until it is moved.</summary>
public sealed class DisturbedTransportTests
{
    private static readonly LinkFault Outward = new(new NodeId(1), new NodeId(2));
    private static readonly LinkFault Inward = new(new NodeId(2), new NodeId(1));
    private readonly ManualTime _time = new();
    private readonly FaultyLink _link;
    private readonly MemoryConnection _other = new();

    public DisturbedTransportTests()
    {
        _link = new FaultyLink(_time, 100, new Random(1));
        _other.Frames.Over(_link);
    }

    [Fact]
    public void Without_a_fault_frames_are_there_once_they_are_flushed()
    {
        Send(1);
        Assert.Equal([1], _other.Next());

        _link.Set(Outward with { Delay = Ms(80) }, null);
        _link.Set(null, null);
        Send(2);
        Assert.Equal([2], _other.Next());
    }

    [Fact]
    public async Task Delayed_frames_arrive_when_they_are_due_in_their_order_and_so_does_what_is_sent_behind_them()
    {
        _link.Set(Outward with { Delay = Ms(80) }, null);
        Send(1);
        Send(2);
        await WaitingAsync();
        _time.Advance(Ms(40));
        Send(3);
        _time.Advance(Ms(39));
        Assert.True(_other.IsEmpty);
        _time.Advance(Ms(1));
        await ArrivedAsync(1, 2);
        await WaitingAsync();
        Assert.Equal(5, _link.UnderWay);

        _time.Advance(Ms(40));
        await ArrivedAsync(3);
        await Poll.UntilAsync(() => Task.FromResult(_link.UnderWay == 0), "nothing is under way");
    }

    [Fact]
    public async Task Whatever_the_jitter_frames_keep_their_order()
    {
        var real = new FaultyLink(TimeProvider.System, 1 << 20, new Random(5));
        var other = new MemoryConnection();
        other.Frames.Over(real);
        real.Set(Outward with { Delay = Ms(3), Jitter = Ms(3) }, null);

        for (var i = 0; i < 250; i++)
        {
            other.Frames.Stage([(byte)i]);
            other.Frames.Flush();
            if (i % 50 == 0) await Task.Yield();
        }

        for (var i = 0; i < 250; i++)
        {
            byte[]? frame = null;
            await Poll.UntilAsync(() => Task.FromResult((frame = other.Next()) is not null), $"frame {i} arrives");
            Assert.Equal([(byte)i], frame!);
        }
    }

    [Fact]
    public async Task A_cut_drops_whole_frames_those_under_way_too_and_the_connection_goes_on_once_it_is_healed()
    {
        _link.Set(Outward with { Delay = Ms(80) }, null);
        Send(1);
        await WaitingAsync();

        _link.Set(Outward with { Cut = true }, null);
        Send(2);
        await Poll.UntilAsync(() => Task.FromResult(_link.UnderWay == 0), "nothing is under way");
        _link.Set(null, null);
        Send(3);

        await ArrivedAsync(3);
        Assert.Null(_other.ClosedBecause);
    }

    [Fact]
    public async Task What_is_under_way_when_a_link_is_mended_arrives_at_once_and_in_front_of_what_is_sent_then()
    {
        _link.Set(Outward with { Delay = TimeSpan.FromMinutes(1) }, null);
        Send(1);
        await WaitingAsync();

        _link.Set(null, null);
        Send(2);

        await ArrivedAsync(1, 2);
    }

    [Fact]
    public async Task Past_what_may_be_under_way_frames_stay_staged_as_for_a_socket_that_is_full()
    {
        _link.Set(Outward with { Delay = Ms(80) }, null);
        _other.Frames.Stage(new byte[200]);
        _other.Frames.Flush();
        await WaitingAsync();
        var drained = 0;
        _other.Frames.Drained = () => Interlocked.Increment(ref drained);

        for (byte i = 0; i < 10; i++) Send(i);

        Assert.Equal((204, 50, 0), (_link.UnderWay, _other.Frames.StagedBytes, drained));
        _time.Advance(Ms(80));
        await Poll.UntilAsync(() => Task.FromResult(_other.Frames.StagedBytes == 0 && drained > 0), "they are handed over");
        Assert.Equal(200, _other.Next()!.Length);
    }

    [Fact]
    public async Task What_is_under_way_when_a_connection_ends_is_forgotten()
    {
        _link.Set(Outward with { Delay = Ms(80) }, null);
        _other.Frames.Stage(new byte[200]);
        _other.Frames.Flush();
        await WaitingAsync();

        _other.Frames.Close("for a test");

        Assert.Equal(0, _link.UnderWay);
        await Poll.UntilAsync(() => Task.FromResult(_time.Timers == 0), "nobody waits for it any more");
        Assert.True(_other.IsEmpty);
    }

    [Fact]
    public async Task An_other_end_that_is_gone_ends_the_connection_also_where_that_shows_only_later()
    {
        _link.Set(Outward with { Delay = Ms(80) }, null);
        Send(1);
        await WaitingAsync();
        _other.StopTaking();
        _time.Advance(Ms(80));
        await Poll.UntilAsync(() => Task.FromResult(_link.UnderWay == 0), "nothing is under way");

        await Poll.UntilAsync(
            () =>
            {
                Send(2);
                return Task.FromResult(_other.ClosedBecause is not null);
            },
            "it is closed");
    }

    [Fact]
    public void What_comes_through_a_cut_is_not_heard()
    {
        var taken = new List<byte>();
        _ = _other.Frames.ReadAsync(frame => taken.Add(frame[0]));
        _other.Feed(MemoryConnection.Framed([1]));
        _link.Set(null, Inward with { Cut = true });
        _other.Feed([.. MemoryConnection.Framed([2]), .. MemoryConnection.Framed([3])[..3]]);
        Send(9);
        _link.Set(null, null);
        _other.Feed([.. MemoryConnection.Framed([3])[3..], .. MemoryConnection.Framed([4])]);

        Assert.Equal([1, 3, 4], taken);
        Assert.Equal([9], _other.Next());
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private void Send(byte what)
    {
        _other.Frames.Stage([what]);
        _other.Frames.Flush();
    }

    // Whoever delivers waits for the clock.
    private Task WaitingAsync() => Poll.UntilAsync(() => Task.FromResult(_time.Timers == 1), "somebody waits for the clock");

    private async Task ArrivedAsync(params byte[] frames)
    {
        foreach (var wanted in frames)
        {
            byte[]? frame = null;
            await Poll.UntilAsync(() => Task.FromResult((frame = _other.Next()) is not null), $"frame {wanted} arrives");
            Assert.Equal([wanted], frame!);
        }
    }
}
