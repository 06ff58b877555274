namespace Gossipdb.Client;

/// <summary>
/// The session had seen something that nobody has any more: it was not durable anywhere yet when the process that made it ended. Nothing
/// was applied. The session has forgotten what was lost, so that its next call is served; a token given with <c>After</c> is the caller's
/// to drop.
/// </summary>
public sealed class SessionLostException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public SessionLostException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>
    /// Always true. Nothing was applied, and the session has forgotten what was lost. A token given with <c>After </c> has not: drop it
    /// first.
    /// </summary>
    public override bool IsTransient => true;
}
