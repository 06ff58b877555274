namespace Gossipdb.Node.Transport;

/// <summary>The ports at which nodes call each other. What proves something at one proves nothing at the other.</summary>
internal enum PeerPort : byte
{
    /// <summary>The data plane's.</summary>
    Data = 1,

    /// <summary>Akka's.</summary>
    Control = 2,
}
