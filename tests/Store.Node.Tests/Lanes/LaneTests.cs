using Gossipdb.Node.Lanes;

namespace Gossipdb.Node.Tests.Lanes;

/// <summary>Several threads: lanes, batches and outlets.</summary>
public sealed class LaneTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Of_two_threads_one_is_in_a_lane_at_a_time()
    {
        var lane = new Lane();
        var members = new[] { new Member(lane), new Member(lane) };
        var (inside, most, done) = (0, 0, 0);

        await Task.WhenAll(members.Select(member => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                member.Do(() =>
                {
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    done++;
                    Interlocked.Decrement(ref inside);
                });
            }
        }))).WaitAsync(Patience);

        Assert.Equal((1, 100_000), (most, done));
    }

    [Fact]
    public async Task Two_lanes_are_entered_at_the_same_time()
    {
        using var both = new Barrier(2);
        var members = new[] { new Member(new Lane()), new Member(new Lane()) };

        var met = await Task.WhenAll(members.Select(member => Task.Run(() =>
        {
            var hasMet = false;
            member.Do(() => hasMet = both.SignalAndWait(Patience));
            return hasMet;
        })));

        Assert.Equal([true, true], met);
    }

    [Fact]
    public async Task Who_is_busy_in_a_lane_is_named_until_it_leaves()
    {
        var lane = new Lane();
        var member = new Member(lane, "partition 7");
        using var mayLeave = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var work = Task.Run(() => member.Do(() =>
        {
            entered.Set();
            mayLeave.Wait(Patience);
        }));
        Assert.True(entered.Wait(Patience));

        Assert.Equal("partition 7", lane.Busy?.Member.Name);
        await Poll.UntilAsync(() => Task.FromResult(lane.Busy?.Ms > 0), "time passes in the lane");

        mayLeave.Set();
        await work;
        Assert.Null(lane.Busy);
    }

    [Fact]
    public async Task Nothing_is_lost_and_order_is_kept_where_threads_put_into_an_outlet_at_once()
    {
        const int Each = 200_000;
        var outlet = new Sluice();

        await Task.WhenAll(Enumerable.Range(0, 2).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i += 4)
            {
                outlet.Put((thread * Each) + i);
                using var turn = Turn.Begin();
                for (var j = 1; j < 4; j++) outlet.Put((thread * Each) + i + j);
            }
        }))).WaitAsync(Patience);

        var all = outlet.Flushed.SelectMany(static flushed => flushed).ToList();
        Assert.Equal(2 * Each, all.Count);
        for (var thread = 0; thread < 2; thread++)
            Assert.Equal(Enumerable.Range(thread * Each, Each), all.Where(one => one / Each == thread));
    }

    [Fact]
    public async Task Nothing_stays_in_a_batch_that_threads_fill_at_once()
    {
        const int Each = 100_000;
        var (pending, sent) = (0, 0);
        var member = new Member(new Lane(), flush: () =>
        {
            sent += pending;
            pending = 0;
        });

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                member.Do(() =>
                {
                    pending++;
                    member.Batch();
                });
            }
        }))).WaitAsync(Patience);

        Assert.Equal((0, 2 * Each), (pending, sent));
    }

    [Fact]
    public void Partitions_share_the_lanes_in_turn()
    {
        var lanes = new NodeLanes(TestSettings.Parse("gossipdb.node.lanes = 3"));

        Assert.Equal((3, 3), (lanes.Count, lanes.All.Distinct().Count()));
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(lanes.IndexOf));
        Assert.All(Enumerable.Range(0, 5), partition => Assert.Same(lanes.All[partition % 3], lanes.Of(partition)));
        Assert.Equal(Environment.ProcessorCount, new NodeLanes(TestSettings.Parse("gossipdb.node.lanes = 0")).Count);
    }
}
