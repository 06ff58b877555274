namespace Gossipdb.Client;

/// <summary>A call that the cluster refused or could not finish. What became of it is said by the derived type.</summary>
public class GossipdbException : Exception
{
    /// <summary>Creates the exception.</summary>
    public GossipdbException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, inner)
    {
        Required = required;
        Reachable = reachable;
        Acked = acked;
    }

    /// <summary>
    /// Whether the same call, made again after a while, may succeed and does no harm: this one did nothing, and what hindered it may pass.
    /// False where nothing passes by itself, and of <see cref="IndeterminateException"/>, since a write made again is a second write. The
    /// client has made the attempts that it could make within the call's timeout: this is for whoever can wait longer.
    /// </summary>
    public virtual bool IsTransient => false;

    /// <summary>How many replicas the call needed; 0 where that did not matter.</summary>
    public int Required { get; }

    /// <summary>How many replicas were within reach of the node that answered.</summary>
    public int Reachable { get; }

    /// <summary>How many replicas are known to have the write.</summary>
    public int Acked { get; }
}
