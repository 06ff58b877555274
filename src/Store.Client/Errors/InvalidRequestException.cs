namespace Gossipdb.Client;

/// <summary>The request makes no sense to the cluster. Nothing was applied.</summary>
public sealed class InvalidRequestException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public InvalidRequestException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
