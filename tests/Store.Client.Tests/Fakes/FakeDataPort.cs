using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Fakes;

/// <summary>The data port of a fake node.</summary>
internal sealed class FakeDataPort(FakeNode node)
{
    private readonly ConcurrentDictionary<TcpClient, bool> _connections = new();
    private readonly SemaphoreSlim _pings = new(0);
    private TcpListener? _listener;
    private int _port;

    /// <summary>0 where it does not listen.</summary>
    public int Port => _listener is null ? 0 : _port;

    /// <summary>Whom it takes for itself: it hangs up on whoever calls somebody else.</summary>
    public uint Id { get; set; } = node.Id;

    /// <summary>Whether it has become silent: it takes everything and says nothing.</summary>
    public bool IsSilent { get; set; }


    /// <summary>Connections that were welcome.</summary>
    public int Welcomed { get; private set; }

    /// <summary>Waits until so many pings have come, the ones that connections begin with included.</summary>
    public async Task PingedAsync(int pings)
    {
        for (var i = 0; i < pings; i++)
            await _pings.WaitAsync();
    }

    public void Start()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    public void Stop()
    {
        _listener?.Dispose();
        _listener = null;
        DropConnections();
    }

    public void DropConnections()
    {
        foreach (var connection in _connections.Keys)
            connection.Dispose();
    }

    /// <summary>Sends bytes as they are to whoever is connected.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        foreach (var connection in _connections.Keys)
            await connection.GetStream().WriteAsync(bytes);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // The test is done with it.
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        _connections[connection] = true;
        var writing = new SemaphoreSlim(1);
        try
        {
            var stream = connection.GetStream();
            if (!IsHello(await ReadAsync(stream)))
                return;
            Welcomed++;
            while (true)
            {
                var frame = await ReadAsync(stream);
                if (frame.Length > 0)
                    node.Receive(RequestBatch.Parser.ParseFrom(frame), frame.Length, reply => SendAsync(stream, writing, [reply]));
                else
                {
                    _pings.Release();
                    await SendAsync(stream, writing, []);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The client is gone, or the test dropped the connection.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    // "gossipdb", version 1, kind 0, and the node that is called.
    private bool IsHello(byte[] frame) =>
        frame.Length == 11 && frame.AsSpan().StartsWith("gossipdb\u0001\0"u8) && frame[10] == Id;

    private async Task SendAsync(NetworkStream stream, SemaphoreSlim writing, Reply[] replies)
    {
        if (IsSilent)
            return;
        var content = new ReplyBatch { Replies = { replies } }.ToByteArray();
        var frame = new byte[4 + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, content.Length);
        content.CopyTo(frame, 4);
        await writing.WaitAsync();
        try
        {
            await stream.WriteAsync(frame);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The client is gone, or the test dropped the connection.
        }
        finally
        {
            writing.Release();
        }
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length);
        var frame = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        await stream.ReadExactlyAsync(frame);
        return frame;
    }
}
