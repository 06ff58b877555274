namespace Gossipdb.Client;

/// <summary>
/// The write was sent and not acked by enough replicas in time. It may have taken effect, now or later; the same call made again is a
/// second write.
/// </summary>
public sealed class IndeterminateException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public IndeterminateException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
