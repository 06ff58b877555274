namespace Gossipdb.Node.Configuration;

/// <summary>What strangers, and everybody else, may take of a node.</summary>
/// <param name="Connections">Connections to the node's ports, all together.</param>
/// <param name="PerAddress">How many of them one address may have.</param>
/// <param name="HandshakeWithin">How long a connection may take until it is known what it is for.</param>
/// <param name="IdleFor">How long a connection of HTTP may stay without a call.</param>
/// <param name="ReceiveBytes">Bytes of large frames on the data port that have begun and are not whole.</param>
/// <param name="FrameWithin">How long a frame may take from its first byte to its last.</param>
/// <param name="RequestsPerUser">Requests a second of one user; 0 for any number.</param>
/// <param name="RequestsPerAddress">Requests a second of one address; 0 for any number.</param>
internal sealed record ConnectionLimits(
    int Connections,
    int PerAddress,
    TimeSpan HandshakeWithin,
    TimeSpan IdleFor,
    int ReceiveBytes,
    TimeSpan FrameWithin,
    int RequestsPerUser,
    int RequestsPerAddress)
{
    /// <summary>
    /// How long a greeting may take where it is waited for: a little longer than <see cref="HandshakeWithin"/>, after which the gate hangs
    /// up and counts.
    /// </summary>
    public TimeSpan HelloWithin => HandshakeWithin + TimeSpan.FromSeconds(1);
}
