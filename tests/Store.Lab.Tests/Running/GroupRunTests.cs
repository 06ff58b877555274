using Gossipdb.Checking.History;
using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Tests.Running;

public sealed class GroupRunTests
{
    [Fact]
    public async Task An_open_loop_leaves_out_what_finds_no_caller_free_and_has_no_more_under_way_than_callers()
    {
        var store = new HeldStore();
        var (meter, stop) = (new RunMeter(), new CancellationTokenSource());
        var group = Group() with { Rate = 2_000, Callers = 3, Until = TimeSpan.FromMinutes(1) };
        var running = RunAsync(group, store, meter, stop.Token);

        await UntilAsync(() => meter.Skipped >= 20 && store.UnderWay == 3);
        Assert.Equal(3, store.UnderWay);

        await stop.CancelAsync();
        store.Release();
        await running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_closed_loop_ends_with_its_time_and_every_call_has_ended_by_then()
    {
        var store = new HeldStore();
        store.Release();
        var meter = new RunMeter();

        await RunAsync(Group() with { Callers = 4, Until = TimeSpan.FromMilliseconds(50) }, store, meter, CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, store.UnderWay);
        Assert.True(meter.Read().Sum(static one => one.Calls) >= 4);
    }

    private static async Task RunAsync(CallerGroup group, IStoreCalls store, RunMeter meter, CancellationToken end)
    {
        using var directory = new TemporaryDirectory();
        var clock = new RunClock();
        using var recorder = new Recorder(new HistoryWriter(Path.Combine(directory.Path, "history.jsonl")), clock, meter);
        var callers = Enumerable.Range(0, group.Callers)
            .Select(caller => new Caller(group, caller, new CallerScript(group, 0, caller, 1), store, recorder));
        await new GroupRun(group, 0, [.. callers], new RunSchedule(clock), clock, meter, 1).RunAsync(end, CancellationToken.None);
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!reached() && DateTime.UtcNow < deadline) await Task.Delay(5);
        Assert.True(reached());
    }

    private static CallerGroup Group() => new()
    {
        Name = "callers",
        Nodes = [1],
        Read = LevelWord.Quorum,
        Write = LevelWord.Quorum,
        Mix = [new(OperationKind.Find("counter increment")!, 1)],
    };

    /// <summary>Answers no call before it is told to.</summary>
    private sealed class HeldStore : IStoreCalls
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public int UnderWay => Volatile.Read(ref _count);

        public void Release() => _released.TrySetResult();

        public async Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop)
        {
            Interlocked.Increment(ref _count);
            await _released.Task;
            Interlocked.Decrement(ref _count);
            return new StoreAnswer(null, null);
        }
    }
}
