using System.IO.Pipelines;
using System.Net.Sockets;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>Bytes from and to a socket, as they are or within TLS, with no pipe in between.</summary>
internal sealed class SocketTransport : FrameTransport
{
    // What one record of TLS carries.
    private const int ReadBytes = 16 * 1024;
    private readonly Socket _socket;
    private readonly Stream _stream;

    /// <param name="socket">The socket.</param>
    /// <param name="stream">What writes to it and reads from it. Disposed of with this.</param>
    /// <param name="identity">Who is at the other end, as its certificate says; null where it has shown none.</param>
    public SocketTransport(Socket socket, Stream stream, PeerIdentity? identity)
    {
        (_socket, _stream, Identity, Peer) = (socket, stream, identity, Sockets.PeerOf(socket));

        // Who says nothing takes no buffer meanwhile.
        Input = PipeReader.Create(
            stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: 4_096, leaveOpen: true, useZeroByteReads: true));
    }

    public override string Peer { get; }

    public override PeerIdentity? Identity { get; }

    public override PipeReader Input { get; }

    /// <summary>Bytes as they are.</summary>
    public static SocketTransport Plain(Socket socket) => new(socket, new NetworkStream(socket, ownsSocket: true), identity: null);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    public override void Abort(string because) => Sockets.HangUp(_socket);

    public override async ValueTask DisposeAsync()
    {
        Sockets.HangUp(_socket);
        await Input.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }
}
