namespace Gossipdb.Client;

/// <summary>The cluster, or this client's own bound of calls in flight, had no room for the call in time. Nothing was applied.</summary>
public sealed class OverloadedException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public OverloadedException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. Nothing was applied, and load passes. Wait a little before the call is made again.</summary>
    public override bool IsTransient => true;
}
