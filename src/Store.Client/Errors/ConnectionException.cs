namespace Gossipdb.Client;

/// <summary>None of the endpoints could be reached; the message names them.</summary>
public sealed class ConnectionException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public ConnectionException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. No node was reached, so nothing was applied. One may be soon.</summary>
    public override bool IsTransient => true;
}
