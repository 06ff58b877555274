namespace Gossipdb.Node.Faults;

/// <summary>A disk that may have no room, and may be slow. Whoever writes the journal asks it. Any thread.</summary>
internal sealed class FaultyDisk
{
    // Timers count whole milliseconds, and may be early by one.
    private static readonly TimeSpan TimerTick = TimeSpan.FromMilliseconds(1);
    private volatile State _state = new(null);

    /// <summary>Whether a write is to be refused for want of room.</summary>
    public bool IsFull => _state.Fault is { Full: true };

    /// <summary>Whether a flush takes longer.</summary>
    public bool IsSlow => _state.Fault is { Slow: var slow } && slow > TimeSpan.Zero;

    /// <summary>It is so from here on; null: as it should be. Who waits for it waits no longer than that says.</summary>
    public void Set(DiskFault? fault)
    {
        if (_state.Fault == fault) return;
        var before = _state;
        _state = new State(fault);
        before.Ended.Cancel();
    }

    /// <summary>What a flush takes longer; done at once where that is nothing.</summary>
    public async Task FlushAsync()
    {
        if (_state is { Fault: { } fault } state && fault.Slow > TimeSpan.Zero)
            await Task.Delay(fault.Slow + TimerTick, state.Ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed record State(DiskFault? Fault)
    {
        public CancellationTokenSource Ended { get; } = new();
    }
}
