namespace Gossipdb.Client;

/// <summary>
/// The user lacks a right, which the message names. Nothing was done. Other nodes would say the same: the call is not repeated.
/// </summary>
public sealed class PermissionDeniedException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public PermissionDeniedException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
