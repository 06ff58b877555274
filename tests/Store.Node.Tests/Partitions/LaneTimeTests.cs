using Gossipdb.Node.Partitions;
using Gossipdb.Node.Tests.Lanes;

namespace Gossipdb.Node.Tests.Partitions;

/// <summary>Time passes for the partitions of a lane.</summary>
public sealed class LaneTimeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CountingTime _time = new();
    private readonly TestNode _node;

    public LaneTimeTests()
    {
        _node = new TestNode(TestSettings.Parse("gossipdb.cluster.partitions = 4\ngossipdb.node.lanes = 2"), _time);
        for (var i = 0; i < 4; i++)
        {
            _node.Partitions.Publish(
                i, new PartitionPart(_node.Environment, _node.Partitions, i, _node.Partitions.Hosts.Partitions[i], isAwaited: false));
        }
    }

    [Fact]
    public void It_passes_for_every_partition_of_the_lane_and_no_other()
    {
        var before = _time.Asked;
        _node.Partitions.Tick(0, 4);
        var one = _time.Asked - before;
        _node.Partitions.Tick(0, 2);

        Assert.Equal(3 * one, _time.Asked - before);
        Assert.True(one > 0);
    }

    [Fact]
    public async Task While_it_has_not_passed_for_a_busy_lane_it_does_not_pile_up_and_holds_nobody_up()
    {
        var time = new LaneTime(_node.Partitions, _node.Health, first: 0, lanes: 2);
        var before = _time.Asked;
        _node.Partitions.Tick(0, 2);
        var once = _time.Asked - before;
        using var mayLeave = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var busy = new Thread(() => new Member(_node.Environment.Lanes.Of(0)).Do(() =>
        {
            entered.Set();
            mayLeave.Wait(Patience);
        }));
        busy.Start();
        Assert.True(entered.Wait(Patience));
        before = _time.Asked;

        // Each of these returns, though the lane is taken.
        for (var i = 0; i < 50; i++) time.Tick();
        Assert.Equal(before, _time.Asked);
        mayLeave.Set();
        busy.Join();
        await Poll.UntilAsync(() => Task.FromResult(_time.Asked >= before + once), "time has passed");

        await Poll.UntilAsync(
            () =>
            {
                time.Tick();
                return Task.FromResult(_time.Asked > before + once);
            },
            "it goes on to pass");
        await Poll.UntilAsync(() => Task.FromResult((_time.Asked - before) % once == 0), "all of it has passed");
        Assert.InRange((_time.Asked - before) / once, 2, 3);
    }

    // Parts ask for the time when it passes for them.
    private sealed class CountingTime : TimeProvider
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _asked);
            return base.GetTimestamp();
        }
    }
}
