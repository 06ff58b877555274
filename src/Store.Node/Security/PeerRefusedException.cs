namespace Gossipdb.Node.Security;

/// <summary>Somebody at the other end of a connection is not listened to as a node.</summary>
/// <param name="why">Why, for this node's log.</param>
/// <param name="told">What the other end is told: nothing that helps who is none of the cluster's. Null for nothing.</param>
internal sealed class PeerRefusedException(string why, string? told = null) : Exception(why)
{
    /// <summary>What the other end is told.</summary>
    public string? Told => told;
}
