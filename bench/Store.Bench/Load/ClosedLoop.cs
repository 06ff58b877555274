using System.Diagnostics;
using HdrHistogram;

namespace Gossipdb.Bench.Load;

/// <summary>
/// A closed loop: so many workers, each with one operation under way. It measures how much a system does; not how long its callers
/// wait, as one that is slow is asked less often.
/// </summary>
internal static class ClosedLoop
{
    // A failing system answers at once or not at all: without a pause the loop would measure how fast it fails.
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(10);

    /// <param name="operation">The operation.</param>
    /// <param name="draw">Draws a key.</param>
    /// <param name="inFlight">How many workers.</param>
    /// <param name="duration">How long operations are started.</param>
    /// <param name="seed">Tells loads that run beside one another apart.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LoadResult> RunAsync(
        LoadedOperation operation, Func<Random, int> draw, int inFlight, TimeSpan duration, int seed, CancellationToken stop)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var workers = Enumerable.Range(0, inFlight).Select(worker => Task.Run(
            () => WorkAsync(operation, draw, deadline, new Random((seed * 1_000) + worker), stop), stop));
        return LoadResult.Sum(await Task.WhenAll(workers));
    }

    private static async Task<LoadResult> WorkAsync(
        LoadedOperation operation, Func<Random, int> draw, long deadline, Random random, CancellationToken stop)
    {
        LongHistogram latencies = LoadResult.NewHistogram();
        long attempted = 0, acknowledged = 0, inTime = 0;
        string? error = null;
        for (var started = Stopwatch.GetTimestamp(); started < deadline; started = Stopwatch.GetTimestamp())
        {
            stop.ThrowIfCancellationRequested();
            attempted++;
            try
            {
                await operation(draw(random), random).ConfigureAwait(false);
                var ended = Stopwatch.GetTimestamp();
                acknowledged++;
                if (ended <= deadline) inTime++;
                latencies.RecordValue(LoadResult.Microseconds(started, ended));
            }
            catch (Exception problem) when (!stop.IsCancellationRequested)
            {
                error = $"{problem.GetType().Name}: {problem.Message}";
                await Task.Delay(PauseAfterError, stop).ConfigureAwait(false);
            }
        }

        return new LoadResult { Attempted = attempted, Acknowledged = acknowledged, InTime = inTime, Error = error, Latencies = latencies };
    }
}
