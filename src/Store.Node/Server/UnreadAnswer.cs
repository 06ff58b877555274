namespace Gossipdb.Node.Server;

/// <summary>An answer, or a stream of them, on its way to a caller. Whether it is read shows in how long a write takes.</summary>
/// <param name="account">The caller.</param>
/// <param name="end">Ends it: the caller does not read.</param>
/// <param name="steadyMs">The node's steady clock.</param>
internal sealed class UnreadAnswer(CallerAccount account, Action end, Func<long> steadyMs)
{
    private readonly Lock _gate = new();
    private long _sinceMs;
    private bool _isOver;

    /// <summary>The caller.</summary>
    public CallerAccount Account { get; } = account;

    /// <summary>Since when a write waits for the caller to read, in steady milliseconds; 0 where none does.</summary>
    public long SinceMs => Volatile.Read(ref _sinceMs);

    /// <summary>A write begins.</summary>
    public void Begin() => Volatile.Write(ref _sinceMs, Math.Max(1, steadyMs()));

    /// <summary>It has ended.</summary>
    public void Done() => Volatile.Write(ref _sinceMs, 0);

    /// <summary>Ends the answer, unless it is over.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_isOver) end();
        }
    }

    /// <summary>The answer is over: what it was sent by may carry another one by now.</summary>
    public void Over()
    {
        lock (_gate) _isOver = true;
    }
}
