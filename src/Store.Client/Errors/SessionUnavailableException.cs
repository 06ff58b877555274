namespace Gossipdb.Client;

/// <summary>No replica within reach has what the clock token covers, in time.</summary>
public sealed class SessionUnavailableException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public SessionUnavailableException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. Nothing was applied. What the session has seen reaches the other replicas as soon as it can.</summary>
    public override bool IsTransient => true;
}
