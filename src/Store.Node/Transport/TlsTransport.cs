using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>Bytes within TLS, from and to the socket with no pipe in between.</summary>
internal sealed class TlsTransport : FrameTransport
{
    // What one record of TLS carries.
    private const int RecordBytes = 16 * 1024;
    private readonly Socket _socket;
    private readonly SslStream _stream;
    private PeerIdentity? _identity;

    private TlsTransport(Socket socket, SslStream stream)
    {
        (_socket, _stream) = (socket, stream);
        Peer = Sockets.PeerOf(socket);

        // Who says nothing takes no buffer meanwhile.
        Input = PipeReader.Create(
            stream, new StreamPipeReaderOptions(bufferSize: RecordBytes, minimumReadSize: 4_096, leaveOpen: true, useZeroByteReads: true));
    }

    public override string Peer { get; }

    public override PeerIdentity? Identity => _identity;

    public override PipeReader Input { get; }

    // It encrypts them piece by piece, as the socket takes them.
    public override bool Copies => false;

    /// <summary>Takes a call. The socket is closed where that fails.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The caller does not speak TLS, or its certificate is no
    /// good.</exception>
    public static async Task<TlsTransport> AcceptAsync(Socket socket, NodeCertificates certificates, CancellationToken cancelled)
    {
        PeerIdentity? identity = null;
        var options = certificates.ServerOptions(protocol: null, found => identity = found);
        var transport = await OpenAsync(socket, stream => stream.AuthenticateAsServerAsync(options, cancelled)).ConfigureAwait(false);
        transport._identity = identity;
        return transport;
    }

    /// <summary>Calls. The socket is closed where that fails.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Who answers does not speak TLS, or its certificate is no
    /// good.</exception>
    public static async Task<TlsTransport> ConnectAsync(
        Socket socket, SslClientAuthenticationOptions options, PeerIdentity called, CancellationToken cancelled)
    {
        var transport = await OpenAsync(socket, stream => stream.AuthenticateAsClientAsync(options, cancelled)).ConfigureAwait(false);
        transport._identity = called;
        return transport;
    }

    /// <summary>Why a handshake has failed, in a few words.</summary>
    public static string Reason(System.Security.Authentication.AuthenticationException failure) =>
        $"no TLS came about: {failure.Message} {failure.InnerException?.Message}".TrimEnd();

    public override ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sent = _stream.WriteAsync(bytes);
        if (!sent.IsCompletedSuccessfully) return WaitAsync(sent);
        sent.GetAwaiter().GetResult();
        return new(default(FlushResult));
    }

    public override void Abort(string because) => Sockets.HangUp(_socket);

    public override async ValueTask DisposeAsync()
    {
        Sockets.HangUp(_socket);
        await Input.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<TlsTransport> OpenAsync(Socket socket, Func<SslStream, Task> shakeHands)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            await shakeHands(stream).ConfigureAwait(false);
            return new TlsTransport(socket, stream);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<FlushResult> WaitAsync(ValueTask sent)
    {
        await sent.ConfigureAwait(false);
        return default;
    }
}
