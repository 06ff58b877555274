using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Testing;

/// <summary>
/// Loopback ports nobody listens on, below the range from which the system draws ports for outgoing connections: one of those could take
/// a port before it is listened on.
/// </summary>
internal static class NodePorts
{
    private static readonly HashSet<int> Given = [];

    /// <summary>One for <c>gossipdb up --port</c>, with the two others of the node's ports, 100 and 200 above.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (((int[])[port, port + 100, port + 200]).All(IsFree)) return port;
        }
    }

    /// <summary>Some, which no other test of the process is given, and no local cluster looks for.</summary>
    public static int[] Some(int count)
    {
        var ports = new List<int>();
        lock (Given)
        {
            while (ports.Count < count)
            {
                var port = Random.Shared.Next(10_000, 20_000);
                if (IsFree(port) && Given.Add(port)) ports.Add(port);
            }
        }

        return [.. ports];
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
