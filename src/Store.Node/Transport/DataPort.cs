using System.Net.Sockets;
using System.Security.Authentication;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Transport;

/// <summary>
/// The port that takes the frames of other nodes and of clients. A connection's bytes are handled on the thread that read them: sockets
/// schedule inline.
/// </summary>
/// <param name="settings">Where to listen, and the largest frames.</param>
/// <param name="certificates">What is encrypted with, if anything is.</param>
/// <param name="greeting">How nodes show who they are.</param>
/// <param name="faults">What is wrong with the links, for an experiment.</param>
/// <param name="refusals">Told of callers that are not listened to as nodes.</param>
/// <param name="health">Told of callers that make no sense.</param>
/// <param name="gate">Counts the connections.</param>
internal sealed class DataPort(
    NodeSettings settings, NodeCertificates certificates, PeerGreeting greeting, NodeFaults faults, PeerRefusals refusals,
    NodeHealth health, ConnectionGate gate) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeerConnections _connections = new(settings, certificates, greeting, faults, PeerPort.Data);
    private PortListener? _listener;
    private Task _accepting = Task.CompletedTask;

    private TimeSpan HelloWithin => settings.Connections.HelloWithin;

    /// <summary>Serves a connection until it ends.</summary>
    public delegate Task Server(Hello hello, FrameConnection connection);

    /// <summary>The port, once it listens.</summary>
    public int Port { get; private set; }

    /// <summary>Listens from here on.</summary>
    /// <param name="serve">Serves each connection. Who is not welcome is closed by returning.</param>
    public void Start(Server serve)
    {
        _listener = new PortListener(settings.ListenAddress, settings.DataPort, health);
        Port = _listener.Port;
        _accepting = Task.Run(
            () => _listener.RunAsync("data-port", $"the data port {Port}", accepted => ServeAsync(accepted, serve), _stopping.Token));
    }

    /// <summary>Calls another node.</summary>
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    /// <exception cref="CorruptDataException">Who is there says what makes no sense, or speaks no TLS.</exception>
    /// <exception cref="PeerRefusedException">Who is there is not that node, or refuses this one.</exception>
    public Task<FrameConnection> DialAsync(NodeId called, string host, int port, CancellationToken cancelled) =>
        _connections.DialAsync(called, host, port, cancelled);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(Socket accepted, Server serve)
    {
        var peer = Sockets.PeerOf(accepted);
        try
        {
            using var entry = gate.TryEnter(accepted.RemoteEndPoint, () => Sockets.HangUp(accepted));
            if (entry is null)
            {
                accepted.Dispose();
                return;
            }

            accepted.NoDelay = true;
            KeepAlive(accepted);
            await using var connection = await OpenAsync(accepted).ConfigureAwait(false);
            await using var stopping = _stopping.Token.UnsafeRegister(
                static connection => ((FrameConnection)connection!).Close("the node stops"), connection);
            if (await HelloAsync(connection) is not { } hello) return;
            entry.Known();
            await serve(hello, connection);
        }
        catch (PeerRefusedException refused)
        {
            refusals.Note("the data port", peer, refused.Message);
        }
        catch (CorruptDataException corrupt)
        {
            health.WarnNowAndThen("data-port", $"hung up on {peer}: {corrupt.Message}");
        }
        catch (AuthenticationException refused)
        {
            health.WarnNowAndThen("data-port", $"hung up on {peer}: {TlsHandshake.Reason(refused)}");
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other end is gone.
        }
        catch (Exception unexpected)
        {
            health.CallFailed("the data port", $"a connection of {peer}", unexpected);
        }
    }

    private async Task<FrameConnection> OpenAsync(Socket accepted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(HelloWithin);
        return new FrameConnection(
            await _connections.OpenAsync(accepted, patience.Token).ConfigureAwait(false),
            Math.Max(settings.FrameBytes, settings.MaxMessageBytes));
    }

    // A machine that is gone never hangs up: a connection on which nothing is said would stay for ever.
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
    }

    private async Task<Hello?> HelloAsync(FrameConnection connection)
    {
        using var patience = new CancellationTokenSource(HelloWithin);
        if (await connection.ReadFirstAsync(Hello.MaxBytes, patience.Token) is not { } first) return null;
        if (Hello.VersionOf(first) is not { } version || version == Hello.Version)
        {
            var hello = Hello.Decode(first);
            if (hello.Caller is not null) await _connections.AnswerAsync(connection, hello, patience.Token);
            return hello;
        }

        await PeerGreeting.RefuseAsync(
            connection,
            $"node {settings.Id} is gossipdb {ProductVersion.Text} and speaks version {Hello.Version} of the protocol, not {version}",
            patience.Token);
        throw new CorruptDataException($"it speaks version {version} of the protocol; this is gossipdb {ProductVersion.Text}, which speaks "
            + $"{Hello.Version}");
    }
}
