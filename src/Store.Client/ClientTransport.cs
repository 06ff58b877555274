namespace Gossipdb.Client;

/// <summary>What a client's calls travel over.</summary>
public enum ClientTransport
{
    /// <summary>
    /// Plain frames, on a TCP connection of their own to the data port that each node names (<c>gossipdb.node.data-port</c>): a fraction
    /// of gRPC's cost. They are encrypted where the endpoint is of <c>https</c>. Where a node names none, and where the port cannot be
    /// reached, calls travel as with <see cref="Grpc"/>.
    /// </summary>
    Frames,

    /// <summary>gRPC, on the endpoint's own port. For networks that let nothing else through.</summary>
    Grpc,
}
