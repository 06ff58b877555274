namespace Gossipdb.Client;

/// <summary>What was read is not UTF-8, and text was asked for: the message names the form that gives it as bytes.</summary>
public sealed class NotTextException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public NotTextException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }
}
