using System.Diagnostics;
using HdrHistogram;

namespace Gossipdb.Bench.Load;

/// <summary>
/// A closed loop: so many workers, each with one operation under way, on keys drawn evenly. The same code drives every system, so
/// that its own cost is the same.
/// </summary>
internal static class LoadLoop
{
    // A failing system answers at once or not at all: without a pause the loop would measure how fast it fails.
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(10);

    /// <param name="operation">Does the operation on the key with this index; throws where it is not acknowledged.</param>
    /// <param name="inFlight">How many workers.</param>
    /// <param name="keys">How many keys.</param>
    /// <param name="duration">How long operations are started.</param>
    /// <param name="seed">Tells loads that run beside one another apart.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LoadResult> RunAsync(
        Func<int, Task> operation, int inFlight, int keys, TimeSpan duration, int seed, CancellationToken stop)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var workers = Enumerable.Range(0, inFlight).Select(worker => Task.Run(
            () => WorkAsync(operation, keys, deadline, new Random((seed * 1_000) + worker), stop), stop));
        return LoadResult.Sum(await Task.WhenAll(workers));
    }

    private static async Task<LoadResult> WorkAsync(
        Func<int, Task> operation, int keys, long deadline, Random random, CancellationToken stop)
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
                await operation(random.Next(keys)).ConfigureAwait(false);
                var ended = Stopwatch.GetTimestamp();
                acknowledged++;
                if (ended <= deadline) inTime++;
                var micros = (long)Stopwatch.GetElapsedTime(started, ended).TotalMicroseconds;
                latencies.RecordValue(Math.Clamp(micros, 1, LoadResult.LongestUs));
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
