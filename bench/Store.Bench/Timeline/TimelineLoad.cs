using System.Diagnostics;
using Gossipdb.Bench.Load;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Timeline;

/// <summary>
/// The callers: many on the side of the majority, at QUORUM, each with one call at a time, and a few calls a second at node 3, at ONE.
/// A client that discovers no other nodes stays on its side of a cut, as an application beside its node does.
/// </summary>
internal sealed class TimelineLoad : IAsyncDisposable
{
    private const int Keys = 1_000;
    private const int Callers = 64;
    private const int PerSecondAtMinority = 200;
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private readonly GossipdbClient _majority;
    private readonly GossipdbClient _minority;
    private readonly Stopwatch _clock;
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _running = [];
    private long _attempted;
    private long _acknowledged;

    private TimelineLoad(GossipdbClient majority, GossipdbClient minority, Stopwatch clock) =>
        (_majority, _minority, _clock) = (majority, minority, clock);

    public Recorder Majority { get; } = new();

    public Recorder Minority { get; } = new();

    public static async Task<TimelineLoad> StartAsync(ProcessCluster cluster, Stopwatch clock, CancellationToken stop)
    {
        var majority = await GossipdbClient.ConnectAsync(Beside(cluster.Nodes[0], cluster.Nodes[1]), stop);
        var load = new TimelineLoad(majority, await GossipdbClient.ConnectAsync(Beside(cluster.Nodes[2]), stop), clock);
        for (var caller = 0; caller < Callers; caller++)
        {
            var random = new Random(caller);
            load._running.Add(Task.Run(() => load.CallAsync(random), stop));
        }

        load._running.Add(load.CallMinorityAsync());
        return load;
    }

    /// <summary>Ends the load and adds up the counters, at all replicas.</summary>
    public async Task<(long Acknowledged, long Attempted, long Sum)> SumAsync(CancellationToken stop)
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_running);
        var values = await _majority.GetManyAsync(Enumerable.Range(0, Keys).Select(Key), Read.All, stop);
        return (_acknowledged, _attempted, values.Values.Sum(static value => value?.Counter ?? 0));
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_running);
        await _majority.DisposeAsync();
        await _minority.DisposeAsync();
        _ended.Dispose();
    }

    private static GossipdbOptions Beside(params NodeAddress[] nodes) => new()
    {
        Endpoints = [.. nodes.Select(static node => node.Endpoint)],
        Discover = false,
        Session = false, // whoever was cut off is behind what others read: that is not measured here
        Timeout = CallTimeout,
    };

    private static string Key(int key) => $"timeline:{key:000}";

    private async Task CallAsync(Random random)
    {
        while (!_ended.IsCancellationRequested)
        {
            var key = Key(random.Next(Keys));
            var good = random.Next(2) == 0
                ? await DoAsync(Majority, _clock.Elapsed, () => _majority.Counter(key).GetAsync(Read.Quorum))
                : await IncrementAsync(_majority, key, Write.Quorum, Majority, _clock.Elapsed);
            if (!good) await Task.Delay(PauseAfterError);
        }
    }

    private async Task CallMinorityAsync()
    {
        var random = new Random(Callers);
        var running = new List<Task>();
        var due = _clock.Elapsed;
        while (!_ended.IsCancellationRequested)
        {
            due += TimeSpan.FromSeconds(OpenLoop.NextGap(random, PerSecondAtMinority));
            if (due - _clock.Elapsed is { TotalMilliseconds: >= 1 } left) await Task.Delay(left);
            running.Add(IncrementAsync(_minority, Key(random.Next(Keys)), Write.One, Minority, due));
            if (running.Count > PerSecondAtMinority) running.RemoveAll(static call => call.IsCompleted);
        }

        await Task.WhenAll(running);
    }

    private async Task<bool> IncrementAsync(GossipdbClient client, string key, Write write, Recorder recorder, TimeSpan due)
    {
        Interlocked.Increment(ref _attempted);
        var good = await DoAsync(recorder, due, () => client.Counter(key).IncrementAsync(1, write));
        if (good) Interlocked.Increment(ref _acknowledged);
        return good;
    }

    private async Task<bool> DoAsync(Recorder recorder, TimeSpan due, Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
            recorder.Done(_clock.Elapsed, _clock.Elapsed - due);
            return true;
        }
        catch (GossipdbException problem)
        {
            recorder.Failed(_clock.Elapsed, problem.GetType().Name.Replace("Exception", "", StringComparison.Ordinal));
            return false;
        }
    }
}
