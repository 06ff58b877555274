using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Somebody who calls a port over TLS, trusting whoever answers.</summary>
internal sealed class Handshake : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpClient _socket;
    private readonly SslStream _stream;

    private Handshake(TcpClient socket, SslStream stream) => (_socket, _stream) = (socket, stream);

    /// <summary>What is said over it.</summary>
    public SslStream Stream => _stream;

    /// <summary>What the other end has shown.</summary>
    public X509Certificate2 Shown => (X509Certificate2)_stream.RemoteCertificate!;

    /// <summary>Calls; null where the other end ends it before TLS has come about.</summary>
    public static async Task<Handshake?> TryAsync(int port, X509Certificate2? shown = null, SslApplicationProtocol? protocol = null)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(socket.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                ClientCertificateContext = shown is null ? null : SslStreamCertificateContext.Create(shown, null, offline: true),
                ApplicationProtocols = protocol is { } named ? [named] : null,
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
            }).WaitAsync(Patience);
            return new Handshake(socket, stream);
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Whether the other end hangs up, without a word, once it has seen what it was shown.</summary>
    public async Task<bool> IsHungUpOnAsync()
    {
        try
        {
            return await _stream.ReadAsync(new byte[100]).AsTask().WaitAsync(Patience) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>What a port answers to bytes that are sent as they are, until it hangs up.</summary>
    public static async Task<byte[]> SendPlainAsync(int port, byte[] bytes)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var answer = new MemoryStream();
        try
        {
            await socket.GetStream().WriteAsync(bytes);
            await socket.GetStream().CopyToAsync(answer).WaitAsync(Patience);
        }
        catch (IOException)
        {
            // So it may end, too.
        }

        return answer.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }
}
