using Gossipdb.Node.Security;

namespace Gossipdb.Node.Server;

/// <summary>What one caller, that is a client's connection or another node, holds of this node's limits.</summary>
internal sealed class CallerAccount
{
    private long _inFlightBytes;

    /// <summary>Who it is, as far as it has shown.</summary>
    public Caller Caller { get; set; } = Caller.Anonymous;

    /// <summary>What the connection was logged in with last; null where it was not.</summary>
    public ConnectionLogin? Login { get; set; }

    /// <summary>Who makes a call: whom it names itself, else whose connection it is.</summary>
    public static Caller CallerOf(HttpContext http) =>
        http.Features.Get<Caller>() ?? http.Features.Get<CallerAccount>()?.Caller ?? Caller.Anonymous;

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
