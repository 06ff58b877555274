using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Testing;

/// <summary>Ports for <c>gossipdb up --port</c>, which takes three.</summary>
internal static class NodePorts
{
    /// <summary>One with the two others of a node's ports, 100 and 200 above, below the range that the system draws from.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (((int[])[port, port + 100, port + 200]).All(IsFree)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
