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

    /// <summary>How many replicas the call needed; 0 where that did not matter.</summary>
    public int Required { get; }

    /// <summary>How many replicas were within reach of the node that answered.</summary>
    public int Reachable { get; }

    /// <summary>How many replicas are known to have the write.</summary>
    public int Acked { get; }
}
