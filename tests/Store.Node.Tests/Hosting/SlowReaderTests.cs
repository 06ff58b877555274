using Google.Protobuf;
using Gossipdb.Protocol;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Clients that ask for much and do not read it.</summary>
public sealed class SlowReaderTests
{
    private const int ValueBytes = 900_000;
    private const int Askers = 12;
    private const int AskedByEach = 20;
    private const string Limits = """
        gossipdb.limits.answers = 6MiB
        gossipdb.limits.answers-per-client = 3MiB

        """;

    [Fact]
    public async Task Who_does_not_read_stalls_itself_and_others_are_served()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 60s");
        await WriteAsync(node);
        using var askers = new AskerCrowd();
        for (var i = 0; i < Askers; i++) await askers.AskAsync(node, AskedByEach);

        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).ReadsWithoutRoom > 0, "the answers fill their room");
        for (var i = 0; i < 5; i++)
        {
            var reply = await node.Raw.ExecuteAsync(Read(1));
            Assert.Equal(ValueBytes, reply.Value.Register.Value.Length);
            var status = await node.Admin.StatusAsync();
            Assert.InRange(status.UnreadAnswerBytes, 0, 6 << 20);
            Assert.InRange(status.InFlightBytes, 0, 1 << 20);
        }
    }

    [Fact]
    public async Task Who_reads_late_gets_everything()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 60s");
        await WriteAsync(node);
        using var askers = new AskerCrowd();
        var stream = await askers.AskAsync(node, AskedByEach);
        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).ReadsWithoutRoom > 0, "the answers fill their room");

        var answered = new HashSet<ulong>();
        while (answered.Count < AskedByEach && await stream.ResponseStream.MoveNext(CancellationToken.None))
        {
            foreach (var reply in stream.ResponseStream.Current.Replies)
            {
                Assert.Equal(ValueBytes, reply.Value.Register.Value.Length);
                Assert.True(answered.Add(reply.Id));
            }
        }

        Assert.Equal(AskedByEach, answered.Count);
        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()) is { UnreadAnswerBytes: 0, InFlightBytes: 0 }, "everything was given back");
    }

    [Fact]
    public async Task A_stream_that_is_not_read_is_ended_after_a_while_and_its_room_given_back()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 1s");
        await WriteAsync(node);
        using var askers = new AskerCrowd();
        var stream = await askers.AskAsync(node, AskedByEach);

        await Poll.UntilAsync(
            async () =>
                (await node.Admin.StatusAsync()) is { EndedSlowReaders: > 0, UnreadAnswerBytes: 0, ReadsWithoutRoom: 0, InFlightBytes: 0 },
            "the stream was ended");
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            {
                // What was under way before.
            }
        });
        Assert.Equal(StatusCode.ResourceExhausted, ended.StatusCode);
        Assert.Contains("does not read", node.ReadLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unary_answer_that_is_not_read_keeps_its_room_until_it_is_ended()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 2s");
        await WriteAsync(node);
        using var http = new HttpClient(Handler());
        using var call = new HttpRequestMessage(HttpMethod.Post, $"{node.Endpoint}/gossipdb.v1.Gossipdb/Execute")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(Read(1).ToByteArray())),
        };
        call.Content.Headers.ContentType = new("application/grpc");
        call.Headers.TE.Add(new("trailers"));
        using var answer = await http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead);

        Assert.InRange((await node.Admin.StatusAsync()).UnreadAnswerBytes, ValueBytes, ValueBytes + 1_000);
        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()) is { EndedSlowReaders: 1, UnreadAnswerBytes: 0, InFlightBytes: 0 },
            "the call was ended");
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_is_ended_after_a_while()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, Limits + "gossipdb.limits.slow-reader-timeout = 1s");
        for (var i = 0; i < 50; i++)
            await node.Raw.ExecuteAsync(Assign($"watched-{i}", 60_000));
        using var channel = GrpcChannel.ForAddress(node.Endpoint, new() { HttpHandler = Handler(), DisposeHttpClient = true });
        using var watch = new WireClient(channel).Watch(new WatchRequest
        {
            IsPrefix = true,
            From = { Enumerable.Range(0, 4).Select(i => new Clock { Partition = (uint)i }) },
        });

        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()) is { EndedSlowReaders: > 0, UnreadAnswerBytes: 0 }, "the watch was ended");
    }

    [Fact]
    public async Task An_object_larger_than_the_room_for_answers_is_to_be_read_in_parts()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(
            directory.Path, "gossipdb.limits.answers = 2MiB\ngossipdb.limits.answers-per-client = 2MiB");
        for (var i = 0; i < 3; i++)
        {
            var add = new Request
            {
                Key = ByteString.CopyFromUtf8("set"),
                Update = new()
                {
                    SetAdd = new()
                    {
                        Elements_ = { Enumerable.Range(0, 9).Select(j => ByteString.CopyFrom([(byte)i, (byte)j, .. new byte[100_000]])) },
                    }
                }
            };
            Assert.Equal(Reply.OutcomeOneofCase.Written, (await node.Raw.ExecuteAsync(add)).OutcomeCase);
        }

        var whole = await node.Raw.ExecuteAsync(new Request { Key = ByteString.CopyFromUtf8("set"), Read = new() });
        var page = await node.Raw.ExecuteAsync(new Request
        {
            Key = ByteString.CopyFromUtf8("set"),
            Read = new() { Page = new() { Limit = 10 } },
        });

        Assert.Equal(ErrorCode.TooLarge, whole.Error.Code);
        Assert.Contains("gossipdb.limits.answers", whole.Error.Message, StringComparison.Ordinal);
        Assert.Equal(10, page.Value.Page.Elements.Count);
    }

    private static SocketsHttpHandler Handler() => new() { InitialHttp2StreamWindowSize = 65_535, EnableMultipleHttp2Connections = false };

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static async Task WriteAsync(RunningNode node) =>
        Assert.Equal(Reply.OutcomeOneofCase.Written, (await node.Raw.ExecuteAsync(Assign("large", ValueBytes))).OutcomeCase);

    private static Request Assign(string key, int bytes) => new()
    {
        Key = ByteString.CopyFromUtf8(key),
        TimeoutMs = 60_000,
        Update = new() { RegisterAssign = new() { Value = ByteString.CopyFrom(new byte[bytes]) } },
    };

    private static Request Read(ulong id) => new() { Id = id, Key = ByteString.CopyFromUtf8("large"), TimeoutMs = 60_000, Read = new() };

    /// <summary>Streams that ask and are not read.</summary>
    private sealed class AskerCrowd : IDisposable
    {
        private readonly List<IDisposable> _all = [];

        public async Task<AsyncDuplexStreamingCall<RequestBatch, ReplyBatch>> AskAsync(RunningNode node, int requests)
        {
            var channel = GrpcChannel.ForAddress(node.Endpoint, new() { HttpHandler = Handler(), DisposeHttpClient = true });
            var stream = new WireClient(channel).Stream();
            _all.Add(stream);
            _all.Add(channel);
            for (var i = 0; i < requests; i++)
                await stream.RequestStream.WriteAsync(new RequestBatch { Requests = { Read((ulong)i + 1) } });
            return stream;
        }

        public void Dispose()
        {
            foreach (var one in _all) one.Dispose();
        }
    }
}
