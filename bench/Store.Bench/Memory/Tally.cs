
namespace Gossipdb.Bench.Memory;

/// <summary>How many calls were answered, refused as overloaded or unavailable, or neither. Any thread.</summary>
internal sealed class Tally
{
    private long _done;
    private long _refused;
    private long _failed;
    private long _slowestMs;

    public long Done => Volatile.Read(ref _done);

    public long Refused => Volatile.Read(ref _refused);

    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Counts a call.</summary>
    public void Note(CallOutcome outcome, TimeSpan took)
    {
        Interlocked.Increment(ref outcome == CallOutcome.Done
            ? ref _done
            : ref outcome == CallOutcome.Refused ? ref _refused : ref _failed);
        for (var seen = Volatile.Read(ref _slowestMs); took.TotalMilliseconds > seen; seen = Volatile.Read(ref _slowestMs))
            if (Interlocked.CompareExchange(ref _slowestMs, (long)took.TotalMilliseconds, seen) == seen) break;
    }

    /// <summary>The slowest call since the last time.</summary>
    public long TakeSlowestMs() => Interlocked.Exchange(ref _slowestMs, 0);
}
