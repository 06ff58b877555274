using Google.Protobuf;
using Gossipdb.Node.Links;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Node.Tests.Tracing;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Server;

/// <summary>Node 1 of two that share no partition: what it does not own it forwards.</summary>
public sealed class GatewayTests
{
    private static readonly NodeId Other = new(2);
    private readonly TestNode _node;
    private readonly Sink _sink;
    private readonly Gateway _gateway;
    private readonly OtherEnd _link;

    public GatewayTests()
    {
        _node = new TestNode(TestSettings.OfTwo(1, "gossipdb.cluster.replication = 1\ngossipdb.links.window = 64MiB"));
        _link = _node.Link(Other);
        _gateway = _node.Gateway;
        _sink = new Sink(_gateway);
    }

    [Fact]
    public void A_request_for_another_nodes_partition_goes_there_and_its_answer_comes_back_under_its_own_id()
    {
        _gateway.Serve(Request(write: true), _sink);
        var forwarded = Forwarded();
        Assert.True(_gateway.Admission.InFlightBytes > 0);

        _gateway.TakeFrame(LinkFrames.ForwardReply, new Reply { Id = forwarded.Id, Written = new() }.ToByteArray(), Other);
        _gateway.TakeFrame(LinkFrames.ForwardReply, new Reply { Id = forwarded.Id, Written = new() }.ToByteArray(), Other);

        var reply = Assert.Single(_sink.Replies);
        Assert.Equal((77u, Reply.OutcomeOneofCase.Written), (reply.Id, reply.OutcomeCase));
        Assert.Equal(0, _gateway.Admission.InFlightBytes);
    }

    [Fact]
    public void The_setting_of_the_node_that_was_asked_decides_where_a_call_names_no_level()
    {
        foreach (var write in new[] { true, false })
        {
            var request = Request(write);
            request.Level = null;
            _gateway.Serve(request, _sink);
            var level = Forwarded().Level;
            Assert.Equal((Level.Types.Named.Quorum, true), (level.Named, level.Sloppy));
        }

        var bounded = Request(write: false);
        (bounded.Level, bounded.MaxStalenessMs) = (null, 500);
        _gateway.Serve(bounded, _sink);
        Assert.Null(Forwarded().Level);
    }

    [Theory]
    [InlineData(true, "Indeterminate")]
    [InlineData(false, "Timeout")]
    public async Task A_forwarded_request_without_an_answer_is_given_up_after_its_timeout(bool write, string code)
    {
        _gateway.Serve(Request(write), _sink);

        await Poll.UntilAsync(
            () =>
            {
                _gateway.Sweep();
                return Task.FromResult(_sink.Replies.Count > 0);
            },
            "it was given up");

        Assert.Equal(code, Assert.Single(_sink.Replies).Error.Code.ToString());
        Assert.Equal(0, _gateway.Admission.InFlightBytes);
    }

    [Fact]
    public void A_forwarded_request_carries_what_is_left_of_its_timeout()
    {
        var request = Request(write: true);
        request.TimeoutMs = 0;
        _gateway.Serve(request, _sink);
        Assert.InRange(Forwarded().TimeoutMs, 1u, (uint)_node.Settings.DefaultTimeoutMs);
    }

    [Fact]
    public void There_is_a_longest_timeout_and_a_latest_deadline_of_names()
    {
        var request = Request(write: true);
        request.TimeoutMs = (uint)_node.Settings.MaxTimeoutMs + 1;
        _gateway.Serve(request, _sink);
        _node.Clock.Look([_node.Settings.Id]);
        request = Request(write: true);
        request.Operation = new() { Client = 1, Number = 1, DeadlineUnixMs = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds() };
        _gateway.Serve(request, _sink);
        Assert.Equal(2, _sink.Replies.Count);
        Assert.All(_sink.Replies, static reply => Assert.Equal(ErrorCode.InvalidArgument, reply.Error.Code));
        Assert.Contains("gossipdb.limits.timeout", _sink.Replies[0].Error.Message, StringComparison.Ordinal);
        Assert.Contains("operation.deadline_unix_ms", _sink.Replies[1].Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forwarded_request_the_link_does_not_take_is_refused_as_not_applied()
    {
        _link.Arrive(LinkFlags.None, []);

        _gateway.Serve(Request(write: true), _sink);

        var error = Assert.Single(_sink.Replies).Error;
        Assert.Equal(ErrorCode.Unavailable, error.Code);
        Assert.Contains("nothing was applied", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _gateway.Admission.InFlightBytes);
        Assert.True(_link.HasNothing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_that_would_wait_behind_a_full_link_is_refused_before_it_leaves(bool write)
    {
        _node.Links.LoadOf(Other).Set(_node.Settings.LinkQueueBytes, 0);

        _gateway.Serve(Request(write), _sink);

        var error = Assert.Single(_sink.Replies).Error;
        Assert.Equal(ErrorCode.Overloaded, error.Code);
        Assert.Contains($"nothing was {(write ? "applied" : "read")}", error.Message, StringComparison.Ordinal);
        Assert.True(_link.HasNothing);
    }

    [Fact]
    public async Task An_answer_from_another_node_that_has_no_room_is_asked_for_again_once_there_is()
    {
        var other = new CallerAccount();
        Assert.True(_gateway.Admission.Answers.TryTake(other, _gateway.Admission.Answers.MaxBytes - 1_000, Environment.TickCount64));
        _gateway.Serve(Request(write: false, timeoutMs: 60_000), _sink);
        var forwarded = Forwarded();
        var answer = new Reply { Id = forwarded.Id, Value = new() { Register = new() { Value = ByteString.CopyFrom(new byte[100_000]) } } };
        _gateway.TakeFrame(LinkFrames.ForwardReply, answer.ToByteArray(), Other);
        Assert.Empty(_sink.Replies);

        _gateway.Admission.Answers.Give(other, _gateway.Admission.Answers.MaxBytes - 1_000);
        await Poll.UntilAsync(() => Task.FromResult(!_link.HasNothing), "it is asked for again");
        answer.Id = Forwarded().Id;
        _gateway.TakeFrame(LinkFrames.ForwardReply, answer.ToByteArray(), Other);

        Assert.Equal((77u, 100_000), (Assert.Single(_sink.Replies).Id, _sink.Replies[0].Value.Register.Value.Length));
        Assert.Equal((0, 0), (_gateway.Admission.InFlightBytes, _gateway.Admission.Answers.Bytes));
    }

    [Fact]
    public void One_caller_never_has_all_that_may_be_in_flight()
    {
        var greedy = new Sink(_gateway);
        var big = Request(write: true);
        big.Update = new() { RegisterAssign = new() { Value = ByteString.CopyFrom(new byte[900_000]) } };
        while (greedy.Replies.Count == 0) _gateway.Serve(big.Clone(), greedy);
        Assert.Equal(ErrorCode.Overloaded, greedy.Replies[0].Error.Code);
        Assert.InRange(_gateway.Admission.InFlightBytes, _node.Settings.MaxInFlightBytes / 2, _node.Settings.MaxInFlightBytes * 9 / 10);

        // Another one is served all the same.
        _gateway.Serve(big.Clone(), _sink);
        Assert.Empty(_sink.Replies);
    }

    [Fact]
    public void Without_an_owner_within_reach_a_request_is_refused_at_once()
    {
        _node.SetReachable(Other, false);

        _gateway.Serve(Request(write: true), _sink);

        var error = Assert.Single(_sink.Replies).Error;
        Assert.Equal((ErrorCode.Unavailable, 1u, 0u), (error.Code, error.Required, error.Reachable));
        Assert.Contains("none of the partition's owners (2)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_was_forwarded_here_is_not_forwarded_again()
    {
        _gateway.TakeFrame(LinkFrames.Forward, Request(write: true).ToByteArray(), Other);

        var (kind, content) = _link.NextFrame();
        Assert.Equal(LinkFrames.ForwardReply, kind);
        Assert.Equal(ErrorCode.Unavailable, Reply.Parser.ParseFrom(content).Error.Code);
        Assert.Equal(0, _gateway.Admission.InFlightBytes);
    }

    [Fact]
    public void Frames_that_make_no_sense_are_dropped()
    {
        _gateway.TakeFrame(LinkFrames.Forward, [0xFF], Other);
        _gateway.TakeFrame(LinkFrames.ForwardReply, [0xFF], Other);
        _gateway.TakeFrame(LinkFrames.ForwardReply, new Reply { Id = 5, Written = new() }.ToByteArray(), Other);

        Assert.Empty(_sink.Replies);
        Assert.Equal(0, _gateway.Admission.InFlightBytes);
    }

    [Fact]
    public void A_traced_request_is_traced_at_both_nodes_and_one_that_is_not_at_neither()
    {
        using var spans = new Spans();
        var request = Request(write: true);
        request.Traceparent = Spans.Traceparent;
        _gateway.Serve(request, _sink);
        var forwarded = Forwarded();
        _gateway.TakeFrame(LinkFrames.ForwardReply, new Reply { Id = forwarded.Id, Written = new() }.ToByteArray(), Other);

        var (served, forward) = (spans.Named("flag"), spans.Named("forward"));
        Assert.Equal((Spans.Trace, Spans.Caller), (served.TraceId.ToHexString(), served.ParentSpanId.ToHexString()));
        Assert.Equal(served.SpanId, forward.ParentSpanId);
        Assert.Equal(forward.Id, forwarded.Traceparent);
        Assert.Equal(1, served.GetTagItem("gossipdb.partition"));
        Assert.Equal("quorum", served.GetTagItem("gossipdb.level"));

        request.Traceparent = "";
        _gateway.Serve(request, _sink);
        Assert.Equal("", Forwarded().Traceparent);
        Assert.Equal(0, _node.Traces.Spans);
        Assert.Equal(2, spans.Ended.Count);
    }

    // What the gateway has forwarded, as the other node finds it.
    private Request Forwarded()
    {
        var (kind, content) = _link.NextFrame();
        Assert.Equal(LinkFrames.Forward, kind);
        return Protocol.Request.Parser.ParseFrom(content);
    }

    // A key of a partition that node 2 owns.
    private static Request Request(bool write, uint timeoutMs = 1)
    {
        var key = Enumerable.Range(0, 100)
            .Select(i => ByteString.CopyFromUtf8($"key-{i}"))
            .First(key => Partitioner.PartitionOf(key.Span, 4) == 1);
        return write
            ? new()
            {
                Id = 77,
                Key = key,
                TimeoutMs = timeoutMs,
                Level = new() { Named = Level.Types.Named.Quorum },
                Update = new()
                {
                    Flag = true,
                }
            }
            : new() { Id = 77, Key = key, TimeoutMs = timeoutMs, Level = new() { Named = Level.Types.Named.Quorum }, Read = new() };
    }

    private sealed class Sink(Gateway gateway) : IReplySink
    {
        public List<Reply> Replies { get; } = [];

        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => gateway.Admission.TryMakeRoom(call, bytes);

        public void Complete(ServerCall call, Reply reply)
        {
            gateway.Admission.Release(call);
            Replies.Add(reply);
        }
    }
}
