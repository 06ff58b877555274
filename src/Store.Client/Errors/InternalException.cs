namespace Gossipdb.Client;

/// <summary>
/// The node failed to execute the call, by a fault of its own that its log tells of. Nothing was applied. Other nodes would fail too, so
/// the call was not repeated there.
/// </summary>
public sealed class InternalException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public InternalException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
