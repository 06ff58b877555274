namespace Gossipdb.Client;

/// <summary>
/// The node wants to know who calls, and the client has not said so, or is not let in as what it says: a wrong password, a token that has
/// expired, a user that is disabled. Nothing was done.
/// </summary>
public sealed class AuthenticationFailedException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public AuthenticationFailedException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
