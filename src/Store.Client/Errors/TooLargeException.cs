namespace Gossipdb.Client;

/// <summary>The key, the value or the object is larger than the cluster allows.</summary>
public sealed class TooLargeException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public TooLargeException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
