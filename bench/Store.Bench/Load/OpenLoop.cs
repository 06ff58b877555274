using System.Diagnostics;
using HdrHistogram;

namespace Gossipdb.Bench.Load;

/// <summary>
/// An open loop: operations begin by the clock, as a Poisson process, whatever became of those before. A latency counts from when the
/// operation was due, not from when it was sent: a stall is felt by all whom it kept waiting (no "coordinated omission").
/// </summary>
internal sealed class OpenLoop : IDisposable
{
    // More are not kept under way: those that are due meanwhile begin late, and their latency says so.
    private const int MostUnderWay = 8_192;

    private readonly LoadedOperation _operation;
    private readonly Func<Random, int> _draw;
    private readonly Random _random;
    private readonly SemaphoreSlim _room = new(MostUnderWay);
    private readonly LongConcurrentHistogram _latencies = new(1, LoadResult.LongestUs, 3);
    private long _attempted;
    private long _acknowledged;
    private long _inTime;
    private string? _error;

    private OpenLoop(LoadedOperation operation, Func<Random, int> draw, Random random) =>
        (_operation, _draw, _random) = (operation, draw, random);

    /// <param name="operation">The operation.</param>
    /// <param name="draw">Draws a key.</param>
    /// <param name="perSecond">How many begin in a second, on average.</param>
    /// <param name="duration">How long operations are due.</param>
    /// <param name="seed">Tells loads that run beside one another apart.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LoadResult> RunAsync(
        LoadedOperation operation, Func<Random, int> draw, double perSecond, TimeSpan duration, int seed, CancellationToken stop)
    {
        using var loop = new OpenLoop(operation, draw, new Random(seed * 1_000));

        // A thread of its own: between two operations it sleeps for less than a timer can tell.
        await Task.Factory.StartNew(
            () => loop.Pace(perSecond, duration, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (var i = 0; i < MostUnderWay; i++) await loop._room.WaitAsync(stop);
        var latencies = LoadResult.NewHistogram();
        latencies.Add(loop._latencies);
        return new LoadResult
        {
            Attempted = loop._attempted,
            Acknowledged = loop._acknowledged,
            InTime = loop._inTime,
            Error = loop._error,
            Latencies = latencies,
        };
    }

    public void Dispose() => _room.Dispose();

    private void Pace(double perSecond, TimeSpan duration, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var deadline = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var due = (double)start;
        while (true)
        {
            due += NextGap(_random, perSecond) * Stopwatch.Frequency;
            if (due >= deadline) return;
            ShortSleep.Until((long)due);
            _room.Wait(stop);
            _attempted++;
            _ = DoAsync((long)due, deadline, stop);
        }
    }

    /// <summary>Seconds from one arrival of a Poisson process to the next.</summary>
    internal static double NextGap(Random random, double perSecond) => -Math.Log(1 - random.NextDouble()) / perSecond;

    private async Task DoAsync(long due, long deadline, CancellationToken stop)
    {
        try
        {
            await _operation(_draw(_random), _random).ConfigureAwait(false);
            var ended = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _acknowledged);
            if (ended <= deadline) Interlocked.Increment(ref _inTime);
            _latencies.RecordValue(LoadResult.Microseconds(due, ended));
        }
        catch (Exception problem) when (!stop.IsCancellationRequested)
        {
            _error = $"{problem.GetType().Name}: {problem.Message}";
        }
        finally
        {
            _room.Release();
        }
    }
}
