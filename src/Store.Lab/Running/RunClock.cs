using System.Diagnostics;

namespace Gossipdb.Lab.Running;

/// <summary>The time of a run: microseconds since its callers began, by a clock that is never set.</summary>
internal sealed class RunClock
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public long Now => Elapsed.Ticks / TimeSpan.TicksPerMicrosecond;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);
}
