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
