using Gossipdb.Bench.Load;
using Gossipdb.Bench.Peers;

namespace Gossipdb.Bench.Tests;

public sealed class WorkloadTests
{
    [Fact]
    public void Writes_are_measured_at_each_durability_and_reads_once()
    {
        var selected = new WorkloadSelection().For(["Memory", "Journal"], static _ => true);

        Assert.Equal(
            [
                new Workload(Operation.Increment, 1, "Memory"),
                new Workload(Operation.Increment, 64, "Memory"),
                new Workload(Operation.Increment, 1, "Journal"),
                new Workload(Operation.Increment, 64, "Journal"),
                new Workload(Operation.Read, 1),
                new Workload(Operation.Read, 64),
            ],
            selected);
    }

    [Fact]
    public void What_is_in_two_groups_is_measured_once()
    {
        var selection = new WorkloadSelection { Groups = [WorkloadGroup.Counters, WorkloadGroup.Scale], InFlight = [64] };

        var increments = selection.For([null], static workload => workload.Operation == Operation.Increment);

        Assert.Equal([1_000, 1_000_000], increments.Select(static workload => workload.Keys));
    }

    [Fact]
    public void Large_registers_are_few()
    {
        var selection = new WorkloadSelection { Groups = [WorkloadGroup.Register], InFlight = [1], Keys = 20_000 };

        var writes = selection.For([null], static workload => workload.Operation == Operation.RegisterWrite);

        Assert.Equal([(100, 20_000), (1_000, 20_000), (100_000, 1_000)], writes.Select(static one => (one.ValueBytes, one.Keys)));
    }

    [Fact]
    public void A_workload_and_its_load_reach_a_peer_process_and_come_back()
    {
        var workload = new Workload(Operation.Read, 0) { Level = Level.All, PerSecond = 12.5, Choice = KeyChoice.Zipfian };
        var latencies = LoadResult.NewHistogram();
        latencies.RecordValueWithCount(17, 3);

        var request = PeerLines.Parse<PeerRequest>(PeerLines.Of(new PeerRequest(PeerTask.Run) { Workload = workload }));
        var load = new LoadResult { Attempted = 4, Latencies = latencies };
        var reply = PeerLines.Parse<PeerReply>(PeerLines.Of(new PeerReply { Load = load }));

        Assert.Equal(workload, request.Workload);
        Assert.Equal((4, 3, 17), (reply.Load!.Attempted, reply.Load.Latencies.TotalCount, reply.Load.Latencies.GetValueAtPercentile(100)));
    }

    [Fact]
    public void Arrivals_of_an_open_loop_are_as_many_as_asked_for_and_not_even()
    {
        var random = new Random(1);

        var gaps = Enumerable.Range(0, 100_000).Select(_ => OpenLoop.NextGap(random, 1_000)).ToList();

        // Of a Poisson process the mean gap and its standard deviation are both one over the rate.
        var mean = gaps.Average();
        Assert.Equal(0.001, mean, 0.00002);
        Assert.Equal(0.001, Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean))), 0.00002);
    }

    [Fact]
    public async Task An_open_loop_goes_on_while_the_first_operation_is_stuck()
    {
        var (started, stuck) = (0, new TaskCompletionSource());
        Task Operate(int key, Random random)
        {
            if (Interlocked.Increment(ref started) == 100) stuck.SetResult();
            return stuck.Task;
        }

        var load = await OpenLoop.RunAsync(Operate, static _ => 0, 5_000, TimeSpan.FromSeconds(1), 1, CancellationToken.None);

        Assert.True(load.Attempted >= 100);
        Assert.Equal((load.Attempted, load.Attempted), (load.Acknowledged, load.Latencies.TotalCount));
    }

    [Fact]
    public async Task What_fails_in_an_open_loop_is_counted_as_an_error()
    {
        var load = await OpenLoop.RunAsync(
            static (_, _) => throw new TimeoutException("late"),
            static _ => 0,
            1_000,
            TimeSpan.FromMilliseconds(100),
            1,
            CancellationToken.None);

        Assert.True(load.Attempted > 0);
        Assert.Equal((load.Attempted, 0), (load.Errors, load.Acknowledged));
        Assert.Equal("TimeoutException: late", load.Error);
    }
}
