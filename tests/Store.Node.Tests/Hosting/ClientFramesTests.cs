using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Clients at a node's data port.</summary>
public sealed class ClientFramesTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private const int ValueBytes = 900_000;
    private const int Asked = 20;
    private const string Limits = """
        gossipdb.limits.answers = 6MiB
        gossipdb.limits.answers-per-client = 3MiB

        """;

    private RunningNode Node => shared.Node;

    [Fact]
    public async Task Requests_are_executed_in_their_order_and_answered_by_their_ids()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        using var client = await FramesClient.ConnectAsync(node);

        for (var batch = 0UL; batch < 10; batch++)
        {
            await client.SendAsync([.. Enumerable.Range(1, 100).Select(i => Append((batch * 100) + (ulong)i, "order"))]);
            await client.SendAsync(new Request { Id = 10_000 + batch, Key = ByteString.CopyFromUtf8("order"), Read = new() });
        }

        var replies = await client.RepliesAsync(1_010);
        for (var batch = 0UL; batch < 10; batch++)
        {
            var read = replies[10_000 + batch].Value.Register.Value;
            Assert.Equal((batch + 1) * 100, ulong.Parse(read.ToStringUtf8(), System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task A_frame_may_come_in_pieces()
    {
        using var client = await FramesClient.ConnectSilentlyAsync(Node);
        byte[] bytes =
        [
            .. FramesClient.Frame([.. "gossipdb"u8, 1, 0, 1]),
            .. FramesClient.Frame([]),
            .. FramesClient.Frame(new RequestBatch { Requests = { Append(1, "pieces"), Append(2, "pieces") } }.ToByteArray()),
            .. FramesClient.Frame(new RequestBatch { Requests = { Append(3, "pieces") } }.ToByteArray()),
        ];

        for (var i = 0; i < bytes.Length; i++) await client.SendRawAsync(bytes.AsMemory(i, 1));

        // Any batch answers the ping: where the replies are there before it has left, they leave with it.
        var replies = await client.RepliesAsync(3);
        Assert.All(replies.Values, static reply => Assert.Equal(Reply.OutcomeOneofCase.Written, reply.OutcomeCase));
    }

    [Fact]
    public async Task Large_frames_go_both_ways()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        using var client = await FramesClient.ConnectAsync(node);

        await client.SendAsync([.. Enumerable.Range(1, 10).Select(i => Assign((ulong)i, $"large-{i}", ValueBytes))]);
        var written = await client.RepliesAsync(10);
        await client.SendAsync([.. Enumerable.Range(1, 10).Select(i => Read((ulong)i, $"large-{i}"))]);
        var read = await client.RepliesAsync(10);

        Assert.All(written.Values, static reply => Assert.Equal(Reply.OutcomeOneofCase.Written, reply.OutcomeCase));
        Assert.All(read.Values, static reply => Assert.Equal(ValueBytes, reply.Value.Register.Value.Length));
    }

    [Fact]
    public async Task A_ping_is_answered()
    {
        using var client = await FramesClient.ConnectAsync(Node);

        await client.PingAsync();
        Assert.Empty((await client.NextAsync())!.Replies);
        await client.PingAsync();
        Assert.Empty((await client.NextAsync())!.Replies);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: gossipdb\r\n\r\n", "a frame of 542393671 bytes; the limit is 64")]
    [InlineData("\u000b\0\0\0gossipdb\u0002\0\u0001", "it speaks version 2 of the protocol")]
    [InlineData("\u000b\0\0\0gossipdb\u0001\0\u0007", "it wanted node 7; this is node 1")]
    [InlineData("\u000b\0\0\0gossipdb\u0001\0\u0001\u0003\0\0\0\u007f\u007f\u007f", "a frame that is no batch of requests")]
    [InlineData("\u000b\0\0\0gossipdb\u0001\0\u0001\0\0\0\u0001", "a frame of 16777217 bytes; the limit is 16777216")]
    public async Task Who_makes_no_sense_is_hung_up_on(string said, string why)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        using var client = await FramesClient.ConnectSilentlyAsync(node);
        var bytes = System.Text.Encoding.Latin1.GetBytes(said);
        if (why.Contains("16777217", StringComparison.Ordinal)) bytes[^4] = 1;

        await client.SendRawAsync(bytes);

        // A refusal is no batch of replies.
        Assert.Null(await client.NextAsync());
        client.Dispose();
        await Poll.UntilAsync(() => Task.FromResult(node.ReadLog().Contains(why, StringComparison.Ordinal)), "the log says why");
        Assert.Equal(1, (await (await node.ClientAsync()).Counter("k").IncrementAsync()).Nodes[0]);
    }

    [Fact]
    public async Task A_batch_past_the_limit_ends_the_connection_and_none_of_it_is_executed()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.limits.batch = 10");
        using var client = await FramesClient.ConnectAsync(node);

        await client.SendAsync([.. Enumerable.Range(1, 11).Select(i => Append((ulong)i, "limit"))]);

        Assert.Null(await client.NextAsync());
        var read = await node.Raw.ExecuteAsync(Read(1, "limit"));
        Assert.Equal(Value.ValueOneofCase.None, read.Value.ValueCase);
        await Poll.UntilAsync(
            () => Task.FromResult(node.ReadLog().Contains("a batch of 11 requests; the limit is 10", StringComparison.Ordinal)),
            "the log says why");
    }

    [Fact]
    public async Task Who_does_not_read_is_hung_up_on_after_a_while_and_its_room_given_back()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 1s");
        await node.Raw.ExecuteAsync(Assign(1, "large", ValueBytes));
        using var client = await FramesClient.ConnectAsync(node);
        for (var i = 1; i <= Asked; i++) await client.SendAsync(Read((ulong)i, "large"));

        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()) is
            {
                EndedSlowReaders: > 0, UnreadAnswerBytes: 0, ReadsWithoutRoom: 0, InFlightBytes: 0, FrameClients: 0,
            },
            "the connection was ended");
        Assert.Contains("does not read", node.ReadLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_reads_late_gets_everything_and_is_not_read_from_meanwhile()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 60s");
        await node.Raw.ExecuteAsync(Assign(1, "large", ValueBytes));
        using var client = await FramesClient.ConnectAsync(node);
        for (var i = 1; i <= Asked; i++) await client.SendAsync(Read((ulong)i, "large"));

        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).ReadsWithoutRoom > 0, "the answers fill their room");
        Assert.InRange((await node.Admin.StatusAsync()).UnreadAnswerBytes, 0, 6 << 20);
        var replies = await client.RepliesAsync(Asked);

        Assert.All(replies.Values, static reply => Assert.Equal(ValueBytes, reply.Value.Register.Value.Length));
        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()) is { UnreadAnswerBytes: 0, InFlightBytes: 0 }, "everything was given back");
    }

    [Fact]
    public async Task What_a_client_that_vanishes_held_is_given_back()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        await node.Raw.ExecuteAsync(Assign(1, "large", ValueBytes));
        for (var turn = 0; turn < 10; turn++)
        {
            using var client = await FramesClient.ConnectAsync(node);
            await client.SendAsync(
                [.. Enumerable.Range(1, 20).Select(i => i % 2 == 0 ? Append((ulong)i, "vanish") : Read((ulong)i, "large"))]);
            if (turn % 2 == 0) await client.NextAsync();
            client.Socket.LingerState = new(enable: true, seconds: 0);
        }

        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()) is
            {
                UnreadAnswerBytes: 0, ReadsWithoutRoom: 0, InFlightBytes: 0, FrameClients: 0,
            },
            "everything was given back");
    }

    [Fact]
    public async Task Past_the_limit_of_clients_calls_travel_over_gRPC()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.limits.clients = 1");
        await (await node.ClientAsync()).Counter("k").IncrementAsync();
        await using var second = await GossipdbClient.ConnectAsync(node.Endpoint);

        await second.Counter("k").IncrementAsync();

        Assert.Equal(2, await second.Counter("k").GetAsync());
        Assert.Equal((1, 1), ((await node.Admin.StatusAsync()).FrameClients, (await node.Admin.StatusAsync()).MaxFrameClients));
        Assert.Contains("gossipdb.limits.clients", node.ReadLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_stops_while_clients_are_connected()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        using var client = await FramesClient.ConnectAsync(node);
        await client.SendAsync(Append(1, "k"));
        await client.RepliesAsync(1);

        Assert.Equal(0, await node.StopAsync());
        Assert.Null(await client.NextAsync());
    }

    private static Request Append(ulong id, string key) => new()
    {
        Id = id,
        Key = ByteString.CopyFromUtf8(key),
        Durability = Protocol.Durability.Memory,
        Update = new() { RegisterAssign = new() { Value = ByteString.CopyFromUtf8($"{id}") } },
    };

    private static Request Assign(ulong id, string key, int bytes) => new()
    {
        Id = id,
        Key = ByteString.CopyFromUtf8(key),
        TimeoutMs = 60_000,
        Update = new() { RegisterAssign = new() { Value = ByteString.CopyFrom(new byte[bytes]) } },
    };

    private static Request Read(ulong id, string key) => new()
    {
        Id = id,
        Key = ByteString.CopyFromUtf8(key),
        TimeoutMs = 60_000,
        Read = new(),
    };
}
