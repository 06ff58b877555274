namespace Gossipdb.Client;

/// <summary>The key holds another type of object.</summary>
public sealed class WrongTypeException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public WrongTypeException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
