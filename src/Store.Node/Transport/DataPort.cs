using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gossipdb.Node.Transport;

/// <summary>
/// The port that takes the frames of other nodes and of clients. A connection's bytes are handled on the thread that read them: sockets
/// schedule inline.
/// </summary>
/// <param name="settings">Where to listen, and the largest frames.</param>
/// <param name="certificates">What is encrypted with, if anything is.</param>
/// <param name="greeting">How nodes show who they are.</param>
/// <param name="refusals">Told of callers that are not listened to as nodes.</param>
/// <param name="health">Told of callers that make no sense.</param>
/// <param name="gate">Counts the connections.</param>
/// <param name="loggers">What the sockets log to.</param>
internal sealed class DataPort(
    NodeSettings settings, NodeCertificates certificates, PeerGreeting greeting, PeerRefusals refusals, NodeHealth health,
    ConnectionGate gate, ILoggerFactory loggers) : IAsyncDisposable
{
    private const int Backlog = 512;

    // What a connection may have sent that is not looked at yet.
    private const int MaxUnread = 128 * 1024;


    // Where no connection can be taken, for want of file descriptors say, the next one is not tried at once.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SocketConnectionContextFactory _plain = new(
        new SocketConnectionFactoryOptions
        {
            UnsafePreferInlineScheduling = true,
            IOQueueCount = 0,
            MaxReadBufferSize = MaxUnread,
        },
        loggers.CreateLogger<SocketConnectionContextFactory>());

    private Socket? _listener;
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
        var host = IPAddress.TryParse(settings.Host, out var address) ? address : IPAddress.Loopback;
        _listener = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (host.Equals(IPAddress.IPv6Any)) _listener.DualMode = true;
        _listener.Bind(new IPEndPoint(host, settings.DataPort));
        _listener.Listen(Backlog);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = Task.Run(() => AcceptAsync(_listener, serve));
    }

    /// <summary>Calls another node.</summary>
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    /// <exception cref="CorruptDataException">Who is there says what makes no sense, or speaks no TLS.</exception>
    /// <exception cref="PeerRefusedException">Who is there is not that node, or refuses this one.</exception>
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

        var transport = certificates.IsOn
            ? await SecureAsync(called, socket, cancelled).ConfigureAwait(false)
            : new PlainTransport(_plain.Create(socket));
        var connection = new FrameConnection(transport, settings.FrameBytes);
        try
        {
            await greeting.CallAsync(connection, PeerPort.Data, called, cancelled).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _plain.Dispose();
    }

    private async Task<FrameTransport> SecureAsync(NodeId called, Socket socket, CancellationToken cancelled)
    {
        string? problem = null;
        try
        {
            return await TlsTransport.ConnectAsync(
                socket,
                certificates.PeerOptions(called, refused => problem = refused),
                new PeerIdentity(called, User: null),
                cancelled).ConfigureAwait(false);
        }
        catch (AuthenticationException refused)
        {
            throw new CorruptDataException(problem ?? TlsTransport.Reason(refused));
        }
    }

    private async Task AcceptAsync(Socket listener, Server serve)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var accepted = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(accepted, serve));
            }
            catch (OperationCanceledException)
            {
                // The node stops.
            }
            catch (SocketException failed) when (!_stopping.IsCancellationRequested)
            {
                health.WarnNowAndThen("data-port", $"the data port {Port} could not take a connection: {failed.Message}");
                await Task.Delay(AfterFailure, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception unexpected)
            {
                if (!_stopping.IsCancellationRequested) health.Fail($"the data port {Port} takes no more connections", unexpected);
                return;
            }
        }
    }

    private async Task ServeAsync(Socket accepted, Server serve)
    {
        var peer = PeerOf(accepted);
        try
        {
            using var entry = gate.TryEnter(accepted.RemoteEndPoint, () => HangUp(accepted));
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
            health.WarnNowAndThen("data-port", $"hung up on {peer}: {TlsTransport.Reason(refused)}");
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

    // What is encrypted is so before anything else is said, and soon.
    private async Task<FrameConnection> OpenAsync(Socket accepted)
    {
        FrameTransport transport;
        if (certificates.IsOn)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(HelloWithin);
            transport = await TlsTransport.AcceptAsync(accepted, certificates, patience.Token).ConfigureAwait(false);
        }
        else
        {
            transport = new PlainTransport(_plain.Create(accepted));
        }

        return new FrameConnection(transport, Math.Max(settings.FrameBytes, settings.MaxMessageBytes));
    }

    private static string PeerOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint?.ToString() ?? "nobody";
        }
        catch (SocketException)
        {
            return "nobody"; // it is gone already
        }
    }

    private static void HangUp(Socket socket)
    {
        try
        {
            // Else what is under way would not hear of it.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }

        socket.Dispose();
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
            if (hello.Caller is not null) await AnswerAsync(connection, hello, patience.Token);
            return hello;
        }

        await PeerGreeting.RefuseAsync(
            connection,
            $"node {settings.Id} is gossipdb {ProductVersion.Text} and speaks version {Hello.Version} of the protocol, not {version}",
            patience.Token);
        throw new CorruptDataException($"it speaks version {version} of the protocol; this is gossipdb {ProductVersion.Text}, which speaks "
            + $"{Hello.Version}");
    }

    private async Task AnswerAsync(FrameConnection connection, Hello hello, CancellationToken cancelled)
    {
        try
        {
            await greeting.AnswerAsync(connection, PeerPort.Data, hello, cancelled);
        }
        catch (PeerRefusedException refused) when (refused.Told is { } told)
        {
            await PeerGreeting.RefuseAsync(connection, $"node {settings.Id}: {told}", cancelled);
            throw;
        }
    }
}
