namespace Gossipdb.Node.Server;

/// <summary>What one caller, that is a client's connection or another node, holds of this node's limits.</summary>
internal sealed class CallerAccount
{
    private long _inFlightBytes;

    /// <summary>Bytes of its requests being served, small answers included.</summary>
    public long InFlightBytes => Volatile.Read(ref _inFlightBytes);

    /// <summary>
    /// Bytes of large answers that were built for it, or are about to be, and that it has not read. Under the lock of
    /// <see cref="AnswerBudget"/>.
    /// </summary>
    internal long UnreadBytes { get; set; }

    /// <summary>Its reads that wait for room for their answers. Under the same lock.</summary>
    internal Queue<IDeferredAnswer> Deferred { get; } = new();

    /// <summary>The answers on their way to it. Under the same lock.</summary>
    internal List<UnreadAnswer> Unread { get; } = [];

    /// <summary>Counts bytes of a request.</summary>
    /// <returns>All that is in flight for the caller now.</returns>
    public long Add(long bytes) => Interlocked.Add(ref _inFlightBytes, bytes);
}

/// <summary>A read whose answer had no room.</summary>
internal interface IDeferredAnswer
{
    /// <summary>The room its answer needs.</summary>
    long AnswerBytes { get; }

    /// <summary>Until when it may wait, in steady milliseconds.</summary>
    long DeadlineMs { get; }

    /// <summary>There is room, and it is taken: read again.</summary>
    void Resume();

    /// <summary>It has waited too long.</summary>
    void Expire();
}

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
