namespace Gossipdb.Client;

/// <summary>
/// A bounded counter has less left than was to be taken, or what is left is out of reach: its nodes hold the right to take it, each a
/// share. Nothing was applied.
/// </summary>
public sealed class InsufficientRightsException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public InsufficientRightsException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
