namespace Gossipdb.Node.Faults;

/// <summary>
/// The machine's clocks, with a wall clock that is wrong by what the settings say, and by what the node was told. Durations and timers are
/// the machine's.
/// </summary>
/// <param name="machine">The machine's clocks.</param>
/// <param name="ahead">How far the wall clock is ahead, always.</param>
internal sealed class WallClock(TimeProvider machine, TimeSpan ahead) : TimeProvider
{
    private volatile WrongClock? _wrong;

    /// <summary>What the node was told of its clock; null where it is right.</summary>
    public WrongClock? Wrong
    {
        get => _wrong;
        set => _wrong = value;
    }

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + ahead + (_wrong?.Ahead ?? TimeSpan.Zero);

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);
}

/// <summary>A clock that is wrong since it was told.</summary>
/// <param name="told">How wrong, at that moment and from there on.</param>
/// <param name="machine">Measures how long ago that was.</param>
internal sealed class WrongClock(ClockFault told, TimeProvider machine)
{
    private readonly long _since = machine.GetTimestamp();

    /// <summary>As it was told.</summary>
    public ClockFault Told => told;

    /// <summary>How far it is ahead now.</summary>
    public TimeSpan Ahead => TimeSpan.FromMilliseconds(told.OffsetMs) + (told.Drift * machine.GetElapsedTime(_since));

    /// <summary>What would have to be told now, for it to go on as it is.</summary>
    public ClockFault Now() => told.Drift == 0 ? told : told with { OffsetMs = (long)Ahead.TotalMilliseconds };
}
