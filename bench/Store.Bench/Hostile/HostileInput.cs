using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Bench.Hostile;

/// <summary>Where a node listens.</summary>
internal sealed record Ports(int Client, int Http, int Data, int Peer)
{
    public IReadOnlyList<int> All => [Client, Http, Data, Peer];
}

/// <summary>What somebody sends who wants to do harm: each a way to take memory, connections or time of a node.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Description">What is done.</param>
/// <param name="RunAsync">Does it, holds on to what it has as long as it is told to, and lets go.</param>
internal sealed record HostileInput(string Name, string Description, Func<Ports, Func<Task>, CancellationToken, Task> RunAsync)
{
    private const int Idle = 5_000;
    private const int Slow = 200;
    private const int Many = 100;
    private const int Few = 20;

    // Numbers of fields in gossipdb.proto.
    private const int KeyOfRequest = 2;
    private const int UpdateOfRequest = 10;
    private const int MapUpdate = 8;
    private const int JsonSet = 18;

    // What a client of the data port says first, here to node 1, and a client of HTTP/2.
    private static readonly byte[] Hello = Framed([.. "gossipdb"u8, 1, 0, 1]);
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HostileInput> All { get; } =
    [
        new("silent", $"{Idle} connections to the data port that say nothing", (ports, hold, stop) =>
            HoldAsync(Idle, ports.Data, [], hold, stop)),
        new("idle", $"{Idle} connections to the data port that say hello and nothing more", (ports, hold, stop) =>
            HoldAsync(Idle, ports.Data, Hello, hold, stop)),
        new("idle-http2", $"{Idle} connections of HTTP/2 without a call", (ports, hold, stop) =>
            HoldAsync(Idle, ports.Client, Preface, hold, stop)),
        new("slow-frames", $"{Slow} connections that begin a frame of 16 MiB, and send it byte by byte", (ports, hold, stop) =>
            DripAsync(Slow, ports.Data, [.. Hello, .. Length(16 << 20)], new byte[4_096], hold, stop)),
        new("slow-http", $"{Slow} connections that send headers byte by byte, of each HTTP", async (ports, hold, stop) =>
        {
            var http2 = DripAsync(Slow, ports.Client, [.. Preface, .. Frame(1, 0, 1, [])], "x"u8.ToArray(), hold, stop);
            await DripAsync(Slow, ports.Http, "GET /health/live HTTP/1.1\r\nX: "u8.ToArray(), "x"u8.ToArray(), hold, stop);
            await http2;
        }),
        new("random", $"{Many} connections to each port that send 64 KiB of random bytes", async (ports, hold, stop) =>
        {
            foreach (var port in ports.All) await ForEachAsync(Many, i => SendAsync(port, Random(i, 64 << 10), stop));
            await hold();
        }),
        new("endless-frames", $"{Many} connections that announce frames of 4 GiB, and send 1 MiB", async (ports, hold, stop) =>
        {
            await ForEachAsync(Many, _ => SendAsync(ports.Data, [.. Hello, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[1 << 20]], stop));
            await hold();
        }),
        new("large-frames", $"{Slow} connections that send 15 of the 16 MiB of a frame", (ports, hold, stop) =>
            HoldAsync(Slow, ports.Data, [.. Hello, .. Length(16 << 20), .. new byte[15 << 20]], hold, stop)),
        new("long-hello", $"{Few} connections whose hello has 16 MiB", async (ports, hold, stop) =>
        {
            await ForEachAsync(Few, _ => SendAsync(ports.Data, Framed(new byte[16 << 20]), stop));
            await hold();
        }),
        new("settings", $"{Many} connections that change the settings of HTTP/2 100,000 times and read nothing", (ports, hold, stop) =>
            HoldAsync(Many, ports.Client, [.. Preface, .. Repeated(Frame(4, 0, 0, [0, 1, 0, 0, 16, 0]), 100_000)], hold, stop)),
        new("pings", $"{Many} connections that ping 100,000 times and read nothing", (ports, hold, stop) =>
            HoldAsync(Many, ports.Client, [.. Preface, .. Repeated(Frame(6, 0, 0, new byte[8]), 100_000)], hold, stop)),
        new("resets", $"{Few} connections that open and reset 10,000 streams", (ports, hold, stop) =>
            HoldAsync(Few, ports.Client, [.. Preface, .. Resets(10_000)], hold, stop)),
        new("continuations", $"{Many} connections whose headers go on for 1,000 frames", (ports, hold, stop) =>
            HoldAsync(
                Many,
                ports.Client,
                [.. Preface, .. Frame(1, 0, 1, Header("a", 4_000)), .. Repeated(Frame(9, 0, 1, Header("b", 4_000)), 1_000)],
                hold,
                stop)),
        new("gzip", $"{Few} calls of 3 MiB of gzip that would become 3 GiB", async (ports, hold, stop) =>
        {
            var bomb = Bomb();
            for (var i = 0; i < Few; i++) await PostAsync(ports.Client, bomb, stop);
            await hold();
        }),
        new("nesting", $"{Many} batches that nest 3,000 deep, and as many of JSON that nests 400,000 deep", async (ports, hold, stop) =>
        {
            byte[][] batches = [[.. Hello, .. Framed(Nested(3_000))], [.. Hello, .. Framed(NestedJson(400_000))]];
            foreach (var batch in batches) await ForEachAsync(Many, _ => SendAsync(ports.Data, batch, stop));
            await hold();
        }),
    ];

    public override string ToString() => Name;

    // Connections that say something and then wait. Who is hung up on is not tried again.
    private static async Task HoldAsync(int count, int port, byte[] first, Func<Task> hold, CancellationToken stop)
    {
        var sockets = new Socket?[count];
        try
        {
            await ForEachAsync(count, async i => sockets[i] = await ConnectAsync(port, first, stop));
            await hold();
        }
        finally
        {
            foreach (var socket in sockets) socket?.Dispose();
        }
    }

    private static async Task DripAsync(int count, int port, byte[] first, byte[] drop, Func<Task> hold, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var dripping = ForEachAsync(count, async _ =>
        {
            using var socket = await ConnectAsync(port, first, stop);
            for (var i = 0; socket is not null && !ending.IsCancellationRequested; i++)
            {
                if (!await TrySendAsync(socket, drop.AsMemory(i % drop.Length, 1), stop)) return;
                await Task.Delay(100, CancellationToken.None);
            }
        });
        await hold();
        await ending.CancelAsync();
        await dripping;
    }

    private static async Task SendAsync(int port, byte[] bytes, CancellationToken stop)
    {
        using var socket = await ConnectAsync(port, bytes, stop);
        if (socket is null) return;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(TimeSpan.FromSeconds(2));

            // It answers, or hangs up.
            await socket.ReceiveAsync(new byte[4_096], patience.Token);
        }
        catch (Exception over) when (over is SocketException or OperationCanceledException)
        {
            // It resets the connection, or waits for more.
        }
    }

    private static async Task<Socket?> ConnectAsync(int port, byte[] first, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        await TrySendAsync(socket, first, stop);
        return socket;
    }

    // As much as it takes within a while: who does not read must not hold up who sends.
    private static async Task<bool> TrySendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, patience.Token)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return true;
        }
    }

    private static async Task PostAsync(int port, byte[] message, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60) };
        using var call = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/gossipdb.v1.Gossipdb/Execute")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(message),
        };
        call.Content.Headers.ContentType = new("application/grpc");
        call.Headers.TE.Add(new("trailers"));
        call.Headers.Add("grpc-encoding", "gzip");
        try
        {
            using var answer = await client.SendAsync(call, stop);
            await answer.Content.ReadAsByteArrayAsync(stop);
        }
        catch (HttpRequestException)
        {
            // It is refused before it is read.
        }
    }

    private static Task ForEachAsync(int count, Func<int, Task> body) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Slow }, async (i, _) => await body(i));

    private static byte[] Length(int bytes)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes);
        return length;
    }

    private static byte[] Framed(byte[] content) => [.. Length(content.Length), .. content];

    // A frame of HTTP/2.
    private static byte[] Frame(byte type, byte flags, int stream, byte[] content)
    {
        var frame = new byte[9 + content.Length];
        (frame[0], frame[1], frame[2]) = ((byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        content.CopyTo(frame, 9);
        return frame;
    }

    // A header field that is in no table: its name and its value, as they are.
    private static byte[] Header(string name, int length)
    {
        var field = new List<byte> { 0, (byte)name.Length };
        field.AddRange(System.Text.Encoding.ASCII.GetBytes(name));
        field.Add(0x7F);
        for (var rest = length - 0x7F; ; rest >>= 7)
        {
            field.Add((byte)(rest > 0x7F ? 0x80 | (rest & 0x7F) : rest));
            if (rest <= 0x7F) break;
        }

        field.AddRange(Enumerable.Repeat((byte)'x', length));
        return [.. field];
    }

    private static byte[] Repeated(byte[] bytes, int times)
    {
        var all = new byte[bytes.Length * times];
        for (var i = 0; i < times; i++) bytes.CopyTo(all, i * bytes.Length);
        return all;
    }

    private static byte[] Resets(int count)
    {
        // ":method: POST", ":scheme: http", ":path: /", as HPACK's table has them, and ":authority: a".
        byte[] head = [0x83, 0x86, 0x84, 0x01, 1, (byte)'a'];
        var all = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            all.AddRange(Frame(1, 4, (2 * i) + 1, head));
            all.AddRange(Frame(3, 0, (2 * i) + 1, [0, 0, 0, 8]));
        }

        return [.. all];
    }

    private static byte[] Random(int seed, int bytes)
    {
        var random = new byte[bytes];
        new Random(seed).NextBytes(random);
        if (seed % 3 == 0) Preface.CopyTo(random, 0);
        if (seed % 3 == 1) Hello.CopyTo(random, 0);
        return random;
    }

    // A message of gRPC that is compressed. Zeros become a thousandth: 3 MiB are 3 GiB.
    private static byte[] Bomb()
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 3_000; i++) gzip.Write(zeros);
        }

        var message = new byte[5 + compressed.Length];
        message[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), (int)compressed.Length);
        compressed.ToArray().CopyTo(message, 5);
        return message;
    }

    // RequestBatch { requests: { update: { map_update: { fields: { update: … } } } } }
    private static byte[] Nested(int depth)
    {
        byte[] inner = [];
        for (var i = 0; i < depth; i++)
        {
            inner = Field(2, inner);    // FieldUpdate.update
            inner = Field(1, inner);    // MapUpdate.fields
            inner = Field(MapUpdate, inner);
        }

        return Field(1, [.. Field(KeyOfRequest, [1]), .. Field(UpdateOfRequest, inner)]);
    }

    private static byte[] NestedJson(int depth)
    {
        var text = new byte[depth * 2];
        text.AsSpan(0, depth).Fill((byte)'[');
        text.AsSpan(depth).Fill((byte)']');
        var set = Field(JsonSet, [.. Field(1, "/a"u8.ToArray()), .. Field(2, text)]);
        return Field(1, [.. Field(KeyOfRequest, [1]), .. Field(UpdateOfRequest, set)]);
    }

    private static byte[] Field(int number, byte[] content)
    {
        var field = new List<byte>();
        Varint(field, ((uint)number << 3) | 2);
        Varint(field, (uint)content.Length);
        field.AddRange(content);
        return [.. field];
    }

    private static void Varint(List<byte> bytes, uint value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }
}
