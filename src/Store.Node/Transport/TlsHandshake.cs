using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>How a connection comes to be encrypted.</summary>
internal static class TlsHandshake
{
    /// <summary>Takes a call. The socket is closed where that fails.</summary>
    /// <exception cref="AuthenticationException">The caller does not speak TLS, or its certificate is no good.</exception>
    public static Task<SocketTransport> AcceptAsync(Socket socket, NodeCertificates certificates, CancellationToken cancelled)
    {
        PeerIdentity? identity = null;
        var options = certificates.ServerOptions(protocol: null, found => identity = found);
        return OpenAsync(socket, stream => stream.AuthenticateAsServerAsync(options, cancelled), () => identity);
    }

    /// <summary>Calls. The socket is closed where that fails.</summary>
    /// <exception cref="AuthenticationException">Who answers does not speak TLS, or its certificate is no good.</exception>
    public static Task<SocketTransport> ConnectAsync(
        Socket socket, SslClientAuthenticationOptions options, PeerIdentity called, CancellationToken cancelled) =>
        OpenAsync(socket, stream => stream.AuthenticateAsClientAsync(options, cancelled), () => called);

    /// <summary>Why a handshake has failed, in a few words.</summary>
    public static string Reason(AuthenticationException failure) =>
        $"no TLS came about: {failure.Message} {failure.InnerException?.Message}".TrimEnd();

    private static async Task<SocketTransport> OpenAsync(Socket socket, Func<SslStream, Task> shakeHands, Func<PeerIdentity?> identity)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            await shakeHands(stream).ConfigureAwait(false);
            return new SocketTransport(socket, stream, identity());
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
