using System.Buffers.Binary;
using System.Net.Sockets;
using Google.Protobuf;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A bare connection of a client to a node's data port, for what the client library would not do.</summary>
internal sealed class FramesClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TcpClient _connection = new() { NoDelay = true };

    private FramesClient()
    {
    }

    public Socket Socket => _connection.Client;

    /// <summary>Connects, and says what a client says.</summary>
    public static async Task<FramesClient> ConnectAsync(RunningNode node, byte called = 1)
    {
        var client = await ConnectSilentlyAsync(node);
        await client.SendAsync([.. "gossipdb"u8, 1, 0, called]);
        return client;
    }

    /// <summary>Connects, and says nothing.</summary>
    public static async Task<FramesClient> ConnectSilentlyAsync(RunningNode node)
    {
        var client = new FramesClient();
        await client._connection.ConnectAsync("127.0.0.1", node.Part<Gossipdb.Node.Transport.DataPort>().Port);
        return client;
    }

    public static byte[] Frame(ReadOnlySpan<byte> content)
    {
        var frame = new byte[4 + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, content.Length);
        content.CopyTo(frame.AsSpan(4));
        return frame;
    }

    public Task SendAsync(params Request[] requests) => SendAsync(new RequestBatch { Requests = { requests } }.ToByteArray());

    public Task PingAsync() => SendAsync(Array.Empty<byte>());

    public Task SendAsync(byte[] content) => SendRawAsync(Frame(content));

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _connection.GetStream().WriteAsync(bytes, patience.Token);
    }

    /// <summary>Logs in.</summary>
    /// <returns>Why not; null where the node let it in.</returns>
    public async Task<string?> LogInAsync(string authorization)
    {
        await SendAsync([.. "gossipdb"u8, 1, 6, .. new LoginFrame { Authorization = authorization }.ToByteArray()]);
        var answer = await NextFrameAsync();
        Assert.NotNull(answer);
        return answer.Length == 0 ? null : Gossipdb.Node.Transport.Refusal.Find(answer);
    }

    /// <summary>The next frame; null where the node has hung up.</summary>
    public async Task<ReplyBatch?> NextAsync()
    {
        if (await NextFrameAsync() is not { } content || Gossipdb.Node.Transport.Refusal.Find(content) is not null) return null;
        return ReplyBatch.Parser.ParseFrom(content);
    }

    private async Task<byte[]?> NextFrameAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var length = new byte[4];
            await _connection.GetStream().ReadExactlyAsync(length, patience.Token);
            var content = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
            await _connection.GetStream().ReadExactlyAsync(content, patience.Token);
            return content;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads replies until there are so many, by their ids.</summary>
    public async Task<Dictionary<ulong, Reply>> RepliesAsync(int count)
    {
        var replies = new Dictionary<ulong, Reply>();
        while (replies.Count < count)
        {
            var batch = await NextAsync();
            Assert.NotNull(batch);
            foreach (var reply in batch.Replies) replies.Add(reply.Id, reply);
        }

        return replies;
    }

    public void Dispose() => _connection.Dispose();
}
