using System.Globalization;

namespace Gossipdb.LocalCluster;

/// <summary>Where one node of a local cluster listens.</summary>
/// <param name="Id">The node's number, from 1.</param>
/// <param name="ClientPort">Where clients reach it.</param>
/// <param name="HttpPort">Where its health is asked for.</param>
/// <param name="PeerPort">Where the other nodes reach it.</param>
public sealed record NodeAddress(int Id, int ClientPort, int HttpPort, int PeerPort)
{
    /// <summary>Whether it speaks TLS.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The host of every port.</summary>
    public string PeerHost => ClusterAddresses.Host;

    /// <summary>The endpoint to give to a client.</summary>
    public string Endpoint => $"{Scheme}://{ClusterAddresses.Host}:{ClientPort.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What answers whether the node is ready.</summary>
    public string HealthUrl => $"{Scheme}://{ClusterAddresses.Host}:{HttpPort.ToString(CultureInfo.InvariantCulture)}/health/ready";

    private string Scheme => IsSecure ? "https" : "http";
}
