using Google.Protobuf;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Writes that wait for a journal somebody else has locked fill the node up.</summary>
public sealed class OverloadTests
{
    [Fact]
    public async Task Past_the_bytes_in_flight_a_request_is_refused_and_not_applied()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, """
            gossipdb.limits.in-flight = 64KiB
            gossipdb.limits.value = 16KiB
            gossipdb.journal.busy-timeout = 60s
            """);
        using var another = Grpc.Net.Client.GrpcChannel.ForAddress(node.Endpoint);
        List<Task<Reply>> waiting;
        await using (node.LockJournal())
        {
            // One connection alone does not get everything.
            waiting = [.. Enumerable.Range(0, 3).Select(i => node.Raw.ExecuteAsync(Assign($"waiting-{i}", 15 << 10)).ResponseAsync)];
            await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).InFlightBytes >= 45 << 10, "the writes are in flight");
            Assert.Equal(ErrorCode.Overloaded, (await node.Raw.ExecuteAsync(Assign("refused", 8 << 10))).Error.Code);
            waiting.Add(new WireClient(another).ExecuteAsync(Assign("waiting-3", 12 << 10)).ResponseAsync);
            await Poll.UntilAsync(
                async () => (await node.Admin.StatusAsync()).InFlightBytes >= 57 << 10, "the other connection's write is in flight");

            using var third = Grpc.Net.Client.GrpcChannel.ForAddress(node.Endpoint);
            var refused = await new WireClient(third).ExecuteAsync(Assign("refused", 8 << 10));
            Assert.Equal(ErrorCode.Overloaded, refused.Error.Code);
            Assert.Contains("65536", refused.Error.Message, StringComparison.Ordinal);

            // Less is still served: the limit is one of bytes.
            Assert.Equal(Reply.OutcomeOneofCase.Value, (await new WireClient(third).ExecuteAsync(Read("refused"))).OutcomeCase);
        }

        Assert.All(await Task.WhenAll(waiting), reply => Assert.Equal(Reply.OutcomeOneofCase.Written, reply.OutcomeCase));
        Assert.Equal(Value.ValueOneofCase.None, (await node.Raw.ExecuteAsync(Read("refused"))).Value.ValueCase);
        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).InFlightBytes == 0, "everything was given back");
    }

    [Fact]
    public async Task Past_the_operations_one_partition_keeps_waiting_a_request_is_refused_and_not_applied()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, """
            gossipdb.limits.waiting-per-partition = 2
            gossipdb.cluster.partitions = 1
            gossipdb.journal.busy-timeout = 60s
            """);
        List<Task<Reply>> sent;
        await using (node.LockJournal())
        {
            sent = [.. Enumerable.Range(0, 3).Select(i => node.Raw.ExecuteAsync(Assign($"key-{i}", 1)).ResponseAsync)];
            var first = await Task.WhenAny(sent);
            Assert.Equal(ErrorCode.Overloaded, (await first).Error.Code);
            Assert.Equal(2, sent.Count(task => !task.IsCompleted));
        }

        var replies = await Task.WhenAll(sent);
        Assert.Equal(2, replies.Count(reply => reply.OutcomeCase == Reply.OutcomeOneofCase.Written));
        for (var i = 0; i < 3; i++)
        {
            var isThere = (await node.Raw.ExecuteAsync(Read($"key-{i}"))).Value.ValueCase != Value.ValueOneofCase.None;
            Assert.Equal(replies[i].OutcomeCase == Reply.OutcomeOneofCase.Written, isThere);
        }
    }

    [Fact]
    public async Task A_large_request_counts_as_in_flight_while_it_is_received_and_one_without_room_is_refused_before_that()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, """
            gossipdb.limits.in-flight = 1MiB
            gossipdb.limits.value = 512KiB
            """);
        var request = Assign("large", 500_000).ToByteArray();
        using var half = new SemaphoreSlim(0);
        var first = SendAsync(node, request, until: half.WaitAsync());
        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).InFlightBytes >= 500_000, "the beginning of the first is there");
        var second = SendAsync(node, request, until: half.WaitAsync());

        // The answer comes although the request was never sent to its end.
        var refused = await second;
        Assert.Equal(ErrorCode.Overloaded, refused.Error.Code);
        Assert.Contains("1048576", refused.Error.Message, StringComparison.Ordinal);

        half.Release(2);
        Assert.Equal(Reply.OutcomeOneofCase.Written, (await first).OutcomeCase);
        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).InFlightBytes == 0, "everything was given back");
    }

    // The head and half of a call, and the rest later.
    private static async Task<Reply> SendAsync(RunningNode node, byte[] message, Task until)
    {
        var head = new byte[5];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), message.Length);
        using var call = new HttpRequestMessage(HttpMethod.Post, $"{node.Endpoint}/gossipdb.v1.Gossipdb/Execute")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Pieces([head, message[..1_000]], until, message[1_000..]),
        };
        call.Content.Headers.ContentType = new("application/grpc");
        call.Headers.TE.Add(new("trailers"));
        using var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        using var answer = await http.SendAsync(call);
        return Reply.Parser.ParseFrom((await answer.Content.ReadAsByteArrayAsync()).AsSpan(5));
    }

    private sealed class Pieces(byte[][] first, Task until, byte[] rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            foreach (var piece in first) await stream.WriteAsync(piece);
            await stream.FlushAsync();
            await until;
            await stream.WriteAsync(rest);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    [Fact]
    public async Task Writes_in_memory_wait_for_a_slow_disk_past_the_backlog()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, """
            gossipdb.journal.backlog = 256KiB
            gossipdb.journal.busy-timeout = 60s
            """);
        var acked = 0;
        await using (node.LockJournal())
        {
            Reply last;
            do
            {
                var write = Assign($"key-{acked}", 16 << 10);
                write.Durability = Durability.Memory;
                last = await node.Raw.ExecuteAsync(write);
                if (last.OutcomeCase == Reply.OutcomeOneofCase.Written) acked++;
            }
            while (last.OutcomeCase == Reply.OutcomeOneofCase.Written && acked < 1_000);

            // About as many as half of the backlog holds, and what a partition gathers before it hands it over.
            Assert.InRange(acked, 8, 200);
            Assert.Equal(ErrorCode.Overloaded, last.Error.Code);
            Assert.Contains("nothing was applied", last.Error.Message, StringComparison.Ordinal);
            Assert.Equal(Value.ValueOneofCase.None, (await node.Raw.ExecuteAsync(Read($"key-{acked}"))).Value.ValueCase);
            var journal = (await node.Admin.StatusAsync()).Journal;
            Assert.Equal(256 << 10, journal.MaxWaitingBytes);
            Assert.True(journal.WaitingBytes >= 128 << 10);
            Assert.Contains("gossipdb.journal.backlog", node.ReadLog(), StringComparison.Ordinal);

            // A small one is still taken.
            var small = Assign("small", 10);
            small.Durability = Durability.Memory;
            Assert.Equal(Reply.OutcomeOneofCase.Written, (await node.Raw.ExecuteAsync(small)).OutcomeCase);
        }

        await Poll.UntilAsync(
            async () => (await node.Raw.ExecuteAsync(Assign("later", 16 << 10))).OutcomeCase == Reply.OutcomeOneofCase.Written,
            "writes are taken again");
        for (var i = 0; i < acked; i++)
            Assert.NotEqual(Value.ValueOneofCase.None, (await node.Raw.ExecuteAsync(Read($"key-{i}"))).Value.ValueCase);
    }

    private static Request Assign(string key, int bytes) => new()
    {
        Key = ByteString.CopyFromUtf8(key),
        TimeoutMs = 60_000,
        Update = new() { RegisterAssign = new() { Value = ByteString.CopyFrom(new byte[bytes]) } },
    };

    private static Request Read(string key) => new() { Key = ByteString.CopyFromUtf8(key), Read = new() };
}
