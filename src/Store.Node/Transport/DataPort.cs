using System.Net;
using System.Net.Sockets;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Placement;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Gossipdb.Node.Transport;

/// <summary>
/// The port that takes the frames of other nodes and of clients. A connection's bytes are handled on the thread that read them: sockets
/// schedule inline.
/// </summary>
/// <param name="settings">Where to listen, and the largest frames.</param>
/// <param name="health">Told of callers that make no sense.</param>
/// <param name="loggers">What the sockets log to.</param>
internal sealed class DataPort(NodeSettings settings, NodeHealth health, ILoggerFactory loggers) : IAsyncDisposable
{
    // Who says nothing for that long is hung up on.
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SocketConnectionContextFactory _dialed = new(
        new SocketConnectionFactoryOptions { UnsafePreferInlineScheduling = true, IOQueueCount = 0 },
        loggers.CreateLogger<SocketConnectionContextFactory>());

    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Serves a connection until it ends.</summary>
    public delegate Task Server(Hello hello, FrameConnection connection);

    /// <summary>The port, once it listens.</summary>
    public int Port { get; private set; }

    /// <summary>Listens from here on.</summary>
    /// <param name="serve">Serves each connection. Who is not welcome is closed by returning.</param>
    public async Task StartAsync(Server serve)
    {
        var host = IPAddress.TryParse(settings.Host, out var address) ? address : IPAddress.Loopback;
        var factory = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { UnsafePreferInlineScheduling = true, IOQueueCount = 0 }), loggers);
        _listener = await factory.BindAsync(new IPEndPoint(host, settings.DataPort), CancellationToken.None);
        Port = ((IPEndPoint)_listener.EndPoint).Port;
        _accepting = Task.Run(() => AcceptAsync(serve));
    }

    /// <summary>Calls another node.</summary>
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<FrameConnection> DialAsync(NodeId called, string host, int port, CancellationToken cancelled)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancelled).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var connection = new FrameConnection(_dialed.Create(socket), settings.FrameBytes);
        connection.Stage(new Hello(settings.Id, called).Encode());
        connection.Flush();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_listener is { } listener) await listener.DisposeAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _dialed.Dispose();
    }

    private async Task AcceptAsync(Server serve)
    {
        try
        {
            while (await _listener!.AcceptAsync(_stopping.Token) is { } accepted) _ = Task.Run(() => ServeAsync(accepted, serve));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception unexpected)
        {
            health.Fail($"the data port {Port} takes no more connections", unexpected);
        }
    }

    private async Task ServeAsync(ConnectionContext accepted, Server serve)
    {
        KeepAlive(accepted);
        await using var connection = new FrameConnection(accepted, Math.Max(settings.FrameBytes, settings.MaxMessageBytes));
        await using var stopping = _stopping.Token.UnsafeRegister(
            static connection => ((FrameConnection)connection!).Close("the node stops"), connection);
        try
        {
            if (await HelloAsync(connection) is { } hello) await serve(hello, connection);
        }
        catch (CorruptDataException corrupt)
        {
            health.WarnNowAndThen("data-port", $"hung up on {connection.Peer}: {corrupt.Message}");
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            // The other end is gone.
        }
        catch (Exception unexpected)
        {
            health.CallFailed("the data port", $"a connection of {connection.Peer}", unexpected);
        }
    }

    // A machine that is gone never hangs up: a connection on which nothing is said would stay for ever.
    private static void KeepAlive(ConnectionContext accepted)
    {
        if (accepted.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket) return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
    }

    private async Task<Hello?> HelloAsync(FrameConnection connection)
    {
        using var patience = new CancellationTokenSource(HelloWithin);
        if (await connection.ReadFirstAsync(Hello.MaxBytes, patience.Token) is not { } first) return null;
        if (Hello.VersionOf(first) is not { } version || version == Hello.Version) return Hello.Decode(first);
        connection.Stage(Refusal.Encode(
            $"node {settings.Id} is gossipdb {ProductVersion.Text} and speaks version {Hello.Version} of the protocol, not {version}"));
        connection.Flush();

        // It hangs up once it has read that. Who does not is hung up on.
        try
        {
            await connection.ReadFirstAsync(Hello.MaxBytes, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What is wrong with it is said below.
        }

        throw new CorruptDataException($"it speaks version {version} of the protocol; this is gossipdb {ProductVersion.Text}, which speaks "
            + $"{Hello.Version}");
    }
}
