namespace Gossipdb.Client;

/// <summary>
/// The operation's deadline had passed before a node could execute it: the cluster is slow, or the clocks of client and node differ.
/// Nothing was applied.
/// </summary>
public sealed class OperationExpiredException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public OperationExpiredException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. Nothing was applied; made again, the call has a deadline of its own.</summary>
    public override bool IsTransient => true;
}
