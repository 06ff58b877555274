using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Tests.Time;

public class ClusterClockTests
{
    private const long Wall = 1_800_000_000_000;
    private static readonly NodeId[] Three = [new(1), new(2), new(3)];
    private readonly ClusterClock _clock = new(Three[0], maxSkewMs: 2_000);

    [Fact]
    public void An_exchange_bounds_the_other_clock_to_half_its_way_there_and_back()
    {
        var (mine, others) = (new PeerClock(), new PeerClock());
        others.Take(mine.Stamp(100, Wall), 7_000);
        mine.Take(others.Stamp(7_500, Wall + 60_000), 640);

        // 540 ms until the answer, 500 of them held.
        Assert.Equal((Wall + 60_000 + 20 - 640, 21), mine.Best(640));
        Assert.Null(mine.Best(640 + 10_001));
    }

    [Fact]
    public void Of_several_exchanges_the_closest_counts_and_grows_less_certain()
    {
        var clock = new PeerClock();
        Measure(clock, at: 1_000, offset: Wall + 500, delay: 4);
        Measure(clock, at: 1_200, offset: Wall + 400, delay: 300);
        Assert.Equal((Wall + 500, 3), clock.Best(1_200));
        Measure(clock, at: 9_000, offset: Wall + 510, delay: 300);
        Assert.Equal((Wall + 500, 7), clock.Best(9_000));
    }

    [Fact]
    public void A_clock_that_is_set_is_believed_at_once()
    {
        var clock = new PeerClock();
        for (var at = 1_000; at < 2_000; at += 200) Measure(clock, at, offset: Wall + 500, delay: 2);
        Measure(clock, at: 2_200, offset: Wall - 3_600_000, delay: 300);
        Assert.Equal(Wall - 3_600_000, clock.Best(2_200)!.Value.OffsetMs);
    }

    [Theory]
    [InlineData(-1, 0, Wall)]
    [InlineData(900, 200, Wall)]
    [InlineData(2_000, 0, Wall)]
    [InlineData(900, -5, Wall)]
    [InlineData(900, 0, -1)]
    [InlineData(900, 0, long.MaxValue)]
    [InlineData(long.MinValue, long.MaxValue, Wall)]
    public void What_cannot_be_is_not_measured_by(long echo, long held, long wall)
    {
        var clock = new PeerClock();
        clock.Take(new ClockStamp(1, wall, echo, held), 1_000);
        Assert.Null(clock.Best(1_000));
    }

    [Theory]
    [InlineData(-3_600_000)]
    [InlineData(-20_000)]
    [InlineData(10_000)]
    [InlineData(3_600_000)]
    public void One_node_s_clock_moves_nothing_and_removes_nothing(long off)
    {
        // This node's own: its wall clock is off, by the others'.
        Hear(2, 0);
        Hear(3, 10);
        var time = _clock.Estimate(ClockEstimate.None, Three, 1_000, Wall + off).At(1_000, Wall + off);
        Assert.InRange(time.UnixMs, Wall - 20, Wall + 20);
        Assert.True(time.IsKnown);
        Assert.False(time.MayRemove);

        // Another node's: this one goes on.
        var others = new ClusterClock(Three[1], maxSkewMs: 2_000);
        Measure(others.Of(Three[0]), 1_000, Wall + off - 1_000, delay: 2);
        Measure(others.Of(Three[2]), 1_000, Wall - 1_000, delay: 2);
        time = others.Estimate(ClockEstimate.None, Three, 1_000, Wall).At(1_000, Wall);
        Assert.InRange(time.UnixMs, Wall - 20, Wall + 20);
        Assert.True(time is { IsKnown: true, MayRemove: true });
    }

    [Fact]
    public void Where_no_majority_is_heard_or_none_agrees_the_time_is_not_known()
    {
        Assert.False(Known([]));
        Assert.False(Known([(2, 0)], nodes: 4));
        Assert.False(Known([(2, 60_000)], nodes: 2));
        Assert.False(Known([(2, 60_000), (3, -60_000)]));
        Assert.True(Known([(2, 0)]));
        Assert.True(Known([(2, 60_000), (3, 10)]));
        Assert.True(Known([], nodes: 1));

        static bool Known((int Node, long Off)[] heard, int nodes = 3)
        {
            var clock = new ClusterClock(Three[0], maxSkewMs: 2_000);
            foreach (var (node, off) in heard) Measure(clock.Of(new NodeId(node)), 1_000, Wall + off - 1_000, delay: 2);
            return clock.Estimate(ClockEstimate.None, [.. Enumerable.Range(1, nodes).Select(id => new NodeId(id))], 1_000, Wall)
                .At(1_000, Wall).IsKnown;
        }
    }

    [Fact]
    public void A_node_that_hears_nobody_goes_on_by_its_steady_clock_until_that_is_too_uncertain()
    {
        Hear(2, 0);
        Hear(3, 0);
        var estimate = _clock.Estimate(ClockEstimate.None, Three, 1_000, Wall);

        // Cut off, and its wall clock is set back by an hour.
        const long Later = 1_000 + 600_000;
        estimate = _clock.Estimate(estimate, Three, Later, Wall - 3_000_000);
        var time = estimate.At(Later, Wall - 3_000_000);
        Assert.Equal(Wall + 600_000, time.UnixMs);
        Assert.InRange(time.UncertaintyMs, 300, 310);
        Assert.True(time is { IsKnown: true, MayRemove: false });
        Assert.False(estimate.At(1_000 + 4_200_000, Wall).IsKnown);
        Assert.Equal(0, estimate.At(1_000 + 4_200_000, Wall).PassedUnixMs);
    }

    [Fact]
    public void A_stamp_is_read_as_it_was_written()
    {
        var stamp = new ClockStamp(12, Wall, -1, 0);
        var writer = new Crdt.Encoding.ByteWriter();
        stamp.Encode(writer);
        var reader = new Crdt.Encoding.ByteReader(writer.Written);
        Assert.Equal(stamp, ClockStamp.Decode(ref reader));
    }

    private void Hear(int node, long off) => Measure(_clock.Of(new NodeId(node)), 1_000, Wall + off - 1_000, delay: 2);

    // An exchange that ends at a moment, by the steady clock, and finds the other clock that far from it.
    private static void Measure(PeerClock clock, long at, long offset, long delay) =>
        clock.Take(new ClockStamp(5, at + offset - (delay / 2), at - delay, 0), at);
}
