namespace Gossipdb.Client;

/// <summary>The answer could not be shown to be as fresh as <see cref="Read.Within"/> asks for.</summary>
public sealed class StalenessExceededException : GossipdbException
{
    /// <summary>Creates the exception.</summary>
    public StalenessExceededException(string message, int required = 0, int reachable = 0, int acked = 0, Exception? inner = null)
        : base(message, required, reachable, acked, inner)
    {
    }

    /// <summary>Always true. The call was a read. The replicas catch up as soon as they reach each other.</summary>
    public override bool IsTransient => true;
}
