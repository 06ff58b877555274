using System.Net;
using System.Net.Sockets;
using Gossipdb.Node.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Gossipdb.Bench.Floor;

/// <summary>Connections as a node's data port makes and takes them.</summary>
internal static class FloorSockets
{
    private const int MaxFrameBytes = 4 << 20;
    private static readonly SocketConnectionContextFactory Dialed = new(
        new SocketConnectionFactoryOptions { UnsafePreferInlineScheduling = true, IOQueueCount = 0 }, NullLogger.Instance);

    /// <summary>Listens on a free port of this machine.</summary>
    public static async Task<(IConnectionListener Listener, int Port)> ListenAsync()
    {
        var factory = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { UnsafePreferInlineScheduling = true, IOQueueCount = 0 }),
            NullLoggerFactory.Instance);
        var listener = await factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        return (listener, ((IPEndPoint)listener.EndPoint).Port);
    }

    public static async Task<FrameConnection> DialAsync(int port, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, stop);
        return Of(Dialed.Create(socket));
    }

    public static FrameConnection Of(ConnectionContext connection) => new(connection, MaxFrameBytes);
}
