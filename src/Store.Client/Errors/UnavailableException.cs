namespace Gossipdb.Client;

/// <summary>Too few replicas are within reach. Nothing was applied.</summary>
public sealed class UnavailableException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public UnavailableException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. Nothing was applied, and cuts heal.</summary>
    public override bool IsTransient => true;
}
