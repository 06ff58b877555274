using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Somebody who says at a node's port that it is node 1, in bytes of its own.</summary>
internal sealed class Impostor : IAsyncDisposable
{
    private const string Key = "forged";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FrameConnection _connection;

    private Impostor(FrameTransport transport) => _connection = new FrameConnection(transport, 1 << 20);

    /// <summary>A key that nobody but an impostor writes.</summary>
    public static ByteString Forged { get; } = ByteString.CopyFromUtf8(Key);

    /// <summary>A connection to a port, as it is.</summary>
    public static async Task<Impostor> PlainAsync(int port) => new(SocketTransport.Plain(await ConnectAsync(port)));

    /// <summary>A connection to a port over TLS, with some certificate or none; null where none comes about.</summary>
    public static async Task<Impostor?> SecureAsync(int port, X509Certificate2? certificate)
    {
        try
        {
            return new(await TlsHandshake.ConnectAsync(
                await ConnectAsync(port),
                new SslClientAuthenticationOptions
                {
                    TargetHost = "node-2",
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, true),
                    RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                },
                new PeerIdentity(new NodeId(2), null),
                CancellationToken.None));
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return null;
        }
    }

    /// <summary>Says a frame.</summary>
    public void Say(byte[] frame)
    {
        _connection.Stage(frame);
        _connection.Flush();
    }

    /// <summary>Says an envelope of node 1, in which a client's write is forwarded.</summary>
    public void SayEnvelope()
    {
        var body = new ByteWriter();
        LinkFrames.Write(body, LinkFrames.Forward, new Request
        {
            Id = 1,
            Key = Forged,
            Update = new() { CounterIncrement = new() { Amount = 1 } },
            Level = new() { Named = Level.Types.Named.One },
            TimeoutMs = 1_000,
        }.ToByteArray());
        var envelope = new ByteWriter();
        new LinkHeader(new NodeId(1), 4711, 0, body.Length, 0, LinkFlags.HearsYou).Encode(envelope);
        envelope.WriteRaw(body.Written);
        Say(envelope.ToArray());
    }

    /// <summary>The next frame; null where it was hung up on.</summary>
    public async Task<byte[]?> HearAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await _connection.ReadFirstAsync(1 << 20, patience.Token);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Why it is refused; null where it is hung up on without a word.</summary>
    public async Task<string?> HearRefusalAsync()
    {
        var frame = await HearAsync();
        if (frame is null) return null;
        Assert.NotNull(Refusal.Find(frame));
        await _connection.DisposeAsync();
        return Refusal.Find(frame);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }
}
