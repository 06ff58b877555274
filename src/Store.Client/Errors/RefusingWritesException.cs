namespace Gossipdb.Client;

/// <summary>The node's journal has failed, and the node refuses writes. Nothing was applied.</summary>
public sealed class RefusingWritesException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public RefusingWritesException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. Nothing was applied. Another owner may be back within reach, or the node mended.</summary>
    public override bool IsTransient => true;
}
