using Akka.TestKit.Xunit2;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Tests.Lanes;

namespace Gossipdb.Node.Tests.Partitions;

/// <summary>Time passes for the partitions of a lane.</summary>
public sealed class LaneTimeTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CountingTime _time = new();
    private readonly TestNode _node;

    public LaneTimeTests()
    {
        _node = new TestNode(TestSettings.Parse("gossipdb.cluster.partitions = 4\ngossipdb.node.lanes = 2"), _time);
        _node.Partitions.Begin(new WatchedActors(Sys, TestActor));
    }

    [Fact]
    public async Task It_passes_for_every_partition_of_the_lane_and_no_other()
    {
        await OpenAsync();
        var one = AskedWhile(() => _node.Partitions.Tick(0, 4));

        Assert.True(one > 0);
        Assert.Equal(2 * one, AskedWhile(() => _node.Partitions.Tick(0, 2)));
        Assert.Equal(4 * one, AskedWhile(() => _node.Partitions.Tick(0, 1)));
    }

    [Fact]
    public async Task While_it_has_not_passed_for_a_busy_lane_it_does_not_pile_up_and_holds_nobody_up()
    {
        await OpenAsync();
        var time = new LaneTime(_node.Partitions, _node.Health, first: 0, lanes: 2);
        var once = AskedWhile(() => _node.Partitions.Tick(0, 2));
        using var mayLeave = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var busy = new Thread(() => new Member(_node.Environment.Lanes.Of(0)).Do(() =>
        {
            entered.Set();
            mayLeave.Wait(Patience);
        }));
        busy.Start();
        Assert.True(entered.Wait(Patience));
        var before = _time.Asked;

        // Each of these returns, though the lane is taken.
        for (var i = 0; i < 1_000; i++) time.Tick();
        Assert.Equal(before, _time.Asked);
        mayLeave.Set();
        busy.Join();
        await Poll.UntilAsync(() => Task.FromResult(_time.Asked - before >= once), "time has passed");

        await Poll.UntilAsync(
            () =>
            {
                time.Tick();
                return Task.FromResult(_time.Asked - before > once);
            },
            "it goes on to pass");
        Assert.InRange(_time.Asked - before, once, 4 * once);
    }

    private int AskedWhile(Action work)
    {
        var before = _time.Asked;
        work();
        return _time.Asked - before;
    }

    // Partitions that serve: what they do with time is always the same.
    private async Task OpenAsync()
    {
        _node.Partitions.Recovered(0, _node.Partitions.Count);
        _node.Health.JournalRead();
        await Poll.UntilAsync(() => Task.FromResult(_node.Health.IsReady), "every partition serves");
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
