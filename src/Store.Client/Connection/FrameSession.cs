using System.Net.Security;
using System.Net.Sockets;
using Google.Protobuf;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Connection;

/// <summary>
/// A session over plain frames, on a connection of its own to the node's data port. A node that is silent while calls wait for its answer
/// is pinged, and given up soon after.
/// </summary>
internal sealed class FrameSession : NodeSession
{
    // What is written at once of a large frame.
    private const int ChunkBytes = 256 * 1024;

    // A buffer for the largest batches is not kept.
    private const int KeptBytes = 1024 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private readonly NetworkStream _connection;
    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly ReplyBatch _replies = new();
    private byte[] _outgoing = new byte[16 * 1024];
    private long _heardAt = Environment.TickCount64;

    private FrameSession(NodeConnection node, NetworkStream connection, Stream stream, FrameReader reader, int maxBatch)
        : base(node, maxBatch) => (_connection, _stream, _reader) = (connection, stream, reader);

    /// <summary>Connects, and waits until the node has said that the caller is welcome.</summary>
    /// <param name="node">Whose session it is.</param>
    /// <param name="host">Where the node is.</param>
    /// <param name="port">Its data port.</param>
    /// <param name="tls">What TLS is spoken with; null where it is not.</param>
    /// <param name="id">The node that is to answer there.</param>
    /// <param name="authorization">What the client says of who it is; null for nothing.</param>
    /// <param name="maxBatch">The most requests in a batch.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">There is nobody, or somebody else.</exception>
    /// <exception cref="AuthenticationFailedException">The node does not let the client in.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Who is there speaks no TLS, or is not trusted.</exception>
    public static async Task<FrameSession> OpenAsync(
        NodeConnection node, string host, int port, SslClientAuthenticationOptions? tls, uint id, string? authorization, int maxBatch,
        CancellationToken cancellation)
    {
        var connection = await ConnectAsync(host, port, cancellation).ConfigureAwait(false);
        Stream stream = connection;
        try
        {
            if (tls is not null)
            {
                var encrypted = new SslStream(connection, leaveInnerStreamOpen: false);
                stream = encrypted;
                await encrypted.AuthenticateAsClientAsync(tls, cancellation).ConfigureAwait(false);
            }

            await stream.WriteAsync(Frames.Hello(id, authorization), cancellation).ConfigureAwait(false);
            var reader = new FrameReader(stream, NodeChannel.MaxMessageBytes);
            string? refusal;
            do
            {
                if (!await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    throw new EndOfStreamException("the node hung up");
            }
            while (!TryTakeAnswer(reader, out refusal));
            if (refusal is not null) throw new AuthenticationFailedException($"The node did not let the client in: {refusal}.");
            return new FrameSession(node, connection, stream, reader, maxBatch);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override void Dispose() => _stream.Dispose();

    private static bool TryTakeAnswer(FrameReader reader, out string? refusal)
    {
        refusal = null;
        if (!reader.TryTake(out var frame)) return false;
        refusal = Frames.Refusal(frame);
        return true;
    }

    protected override async ValueTask SendAsync(RequestBatch batch, CancellationToken cancellation)
    {
        var bytes = Frames.Encode(batch, ref _outgoing);
        for (var sent = 0; sent < bytes; sent += ChunkBytes)
        {
            var writing = _stream.WriteAsync(_outgoing.AsMemory(sent, Math.Min(ChunkBytes, bytes - sent)), CancellationToken.None);
            if (writing.IsCompletedSuccessfully)
            {
                writing.GetAwaiter().GetResult();
                continue;
            }

            await writing.ConfigureAwait(false);

            // It had to wait, so the other end has taken something.
            Volatile.Write(ref _heardAt, Environment.TickCount64);
        }

        if (_outgoing.Length > KeptBytes)
            _outgoing = new byte[KeptBytes];
    }

    protected override async Task ReadAsync(CancellationToken cancellation)
    {
        // Aborted where it is to end: a token would cost a registration for each read.
        while (await _reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            Volatile.Write(ref _heardAt, Environment.TickCount64);
            while (_reader.TryTake(out var frame))
            {
                _replies.MergeFrom(frame);
                HandOut(_replies.Replies);
                _replies.Replies.Clear();
            }
        }
    }

    protected override async Task WatchAsync(CancellationToken cancellation)
    {
        long? pingedAt = null;
        while (true)
        {
            await Task.Delay(LookEvery, cancellation).ConfigureAwait(false);
            var (now, heardAt) = (Environment.TickCount64, Volatile.Read(ref _heardAt));
            if (!HasUnanswered || heardAt >= pingedAt)
                pingedAt = null;
            else if (now - pingedAt >= NodeChannel.PingTimeout.TotalMilliseconds)
                throw new TimeoutException("the node did not answer a ping");

            if (HasUnanswered && pingedAt is null && now - heardAt >= NodeChannel.PingDelay.TotalMilliseconds)
            {
                pingedAt = now;
                Ping();
            }
        }
    }

    // Below any encryption, which is not to be disposed of while it is used.
    protected override void Abort() => _connection.Dispose();

    private static async Task<NetworkStream> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
