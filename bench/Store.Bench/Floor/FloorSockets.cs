using System.Net;
using System.Net.Sockets;
using Gossipdb.Node.Transport;

namespace Gossipdb.Bench.Floor;

/// <summary>Connections as a node's data port makes and takes them.</summary>
internal static class FloorSockets
{
    private const int MaxFrameBytes = 4 << 20;

    /// <summary>Listens on a free port of this machine.</summary>
    public static (Socket Listener, int Port) Listen()
    {
        HandleOnReadingThread();
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return (listener, ((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    public static async Task<FrameConnection> DialAsync(int port, CancellationToken stop)
    {
        HandleOnReadingThread();
        return Of(await Sockets.ConnectAsync("127.0.0.1", port, stop));
    }

    public static FrameConnection Of(Socket socket) => new(SocketTransport.Plain(socket), MaxFrameBytes);

    // As a node does, before its first socket.
    private static void HandleOnReadingThread() => Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
}
