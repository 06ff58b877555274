namespace Gossipdb.Lab.Running;

/// <summary>
/// The time that a scenario's file speaks of. It stands still while a moment of the timeline is being brought about: a node takes as long
/// to start as the machine takes, and what comes after is so long after it serves.
/// </summary>
internal sealed class RunSchedule(RunClock clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private TimeSpan _stood;
    private TimeSpan? _stoppedAt;

    /// <summary>The time by the scenario's file.</summary>
    public TimeSpan Now
    {
        get
        {
            lock (_gate) return (_stoppedAt ?? clock.Elapsed) - _stood;
        }
    }

    /// <summary>Stands still until <see cref="Resume"/>.</summary>
    public void Stop()
    {
        lock (_gate) _stoppedAt ??= clock.Elapsed;
    }

    /// <summary>Goes on.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (_stoppedAt is { } at) _stood += clock.Elapsed - at;
            _stoppedAt = null;
        }
    }

    /// <summary>Waits until a moment of the file; not at all where that has passed.</summary>
    public async Task UntilAsync(TimeSpan moment, CancellationToken stop)
    {
        while (moment - Now is var left && left > TimeSpan.Zero)
        {
            // It may stand still meanwhile. A timer may fire a little early.
            var pause = left > Look ? left - Look / 2 : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            await Task.Delay(pause, stop).ConfigureAwait(false);
        }
    }
}
