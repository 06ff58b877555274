using System.Net;
using System.Net.Sockets;

namespace Gossipdb.LocalCluster;

/// <summary>The ports of a local cluster: clients from a base up, health 100 above, peers 200 above.</summary>
internal static class ClusterAddresses
{
    public const string Host = "127.0.0.1";

    /// <summary>How many nodes fit before one kind of port meets the next.</summary>
    public const int MaxNodes = 99;

    private const int HttpOffset = 100;
    private const int PeerOffset = 200;

    // Below the range from which the system draws ports for outgoing connections: one of those could take a node's port while it restarts.
    private const int FirstFree = 20_000;
    private const int LastFree = 32_000;
    private const int Attempts = 200;

    /// <summary>Addresses from a given port up; every port must be free.</summary>
    /// <exception cref="LocalClusterException">A port is in use; the message names it.</exception>
    public static IReadOnlyList<NodeAddress> At(int basePort, int nodes)
    {
        var addresses = From(basePort, nodes);
        foreach (var address in addresses)
        {
            foreach (var (port, use) in Ports(address))
            {
                if (!IsFree(port))
                    throw new LocalClusterException($"port {port} is in use ({use} of node {address.Id})")
                    {
                        Problem = LocalClusterProblem.PortInUse
                    };
            }
        }

        return addresses;
    }

    /// <summary>Addresses whose ports are all free now.</summary>
    public static IReadOnlyList<NodeAddress> Free(int nodes)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var addresses = From(Random.Shared.Next(FirstFree, LastFree), nodes);
            if (addresses.SelectMany(Ports).All(static port => IsFree(port.Port))) return addresses;
        }

        throw new LocalClusterException($"found no {nodes * 3} free ports between {FirstFree} and {LastFree}");
    }

    /// <summary>The address of one more node: the ports after the last one's where they are free.</summary>
    public static NodeAddress Next(IReadOnlyList<NodeAddress> nodes)
    {
        var last = nodes[^1];
        var next = new NodeAddress(last.Id + 1, last.ClientPort + 1, last.HttpPort + 1, last.PeerPort + 1);
        return Ports(next).All(static port => IsFree(port.Port)) ? next : Free(1)[0] with { Id = next.Id };
    }

    private static NodeAddress[] From(int basePort, int nodes) =>
        [.. Enumerable.Range(0, nodes).Select(i =>
            new NodeAddress(i + 1, basePort + i, basePort + HttpOffset + i, basePort + PeerOffset + i))];

    private static IEnumerable<(int Port, string Use)> Ports(NodeAddress address) =>
        [(address.ClientPort, "the client port"), (address.HttpPort, "the health port"), (address.PeerPort, "the peer port")];

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Parse(Host), port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
