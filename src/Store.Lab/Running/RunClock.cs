using System.Diagnostics;

namespace Gossipdb.Lab.Running;

/// <summary>The time of a run: microseconds since its callers began, by a clock that is never set.</summary>
internal sealed class RunClock
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public long Now => Elapsed.Ticks / TimeSpan.TicksPerMicrosecond;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Waits until a moment of the run; not at all where that has passed.</summary>
    public async Task UntilAsync(TimeSpan moment, CancellationToken stop)
    {
        // A timer may fire a little early.
        while (moment - Elapsed is var left && left > TimeSpan.Zero)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), stop).ConfigureAwait(false);
    }
}
