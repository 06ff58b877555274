namespace Gossipdb.Client;

/// <summary>A read found too few replicas in time.</summary>
public sealed class TimedOutException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public TimedOutException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. The call was a read, and did nothing.</summary>
    public override bool IsTransient => true;
}
