using System.Diagnostics;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Tracing;

/// <summary>A traced write and a traced read, seen through the messages and appends that they cause.</summary>
public sealed class PartitionTracesTests : IDisposable
{
    private static readonly ReplicaId Self = new(10);
    private static readonly NodeId Two = new(2);
    private static readonly NodeId Three = new(3);
    private readonly Spans _spans = new();
    private readonly NodeTraces _traces = new(TestSettings.Parse());

    public void Dispose()
    {
        _spans.Dispose();
        _traces.Dispose();
    }

    [Fact]
    public void A_write_has_a_span_for_each_node_until_its_ack_and_one_until_the_journal_has_it()
    {
        var (call, open) = (_traces.Begin("counter_increment", default)!, _traces.Follow(0));
        open.Follow(call, new Dot(Self, 8), durably: true, deadlineMs: 100, isRetry: false);

        // What does not bring the event is none of its business; what was sent once is not sent again.
        Assert.Null(open.Sending(Two, Events(9)));
        Assert.Null(open.Sending(Two, Events(8) with { AnswersFetch = true }));
        var mark = Assert.Single(open.Sending(Two, Events(7, 8))!);
        Assert.Null(open.Sending(Two, Events(8)));
        Assert.Single(open.Sending(Three, Events(8))!);
        Assert.Equal((8ul, call.Span.Context.TraceId), (mark.Number, mark.Trace));

        var journal = Assert.Single(open.Appending()!);
        Assert.Null(open.Appending());
        open.Received(Two, new AckMessage(new ReplicaId(20), Self, Applied: 8, Durable: 7));
        open.Received(Three, new AckMessage(new ReplicaId(30), new ReplicaId(11), Applied: 9, Durable: 9));
        Assert.Empty(_spans.Ended);
        open.Received(Two, new AckMessage(new ReplicaId(20), Self, Applied: 9, Durable: 8));
        journal.End();
        call.Span.End();

        Assert.Equal(["replicate", "journal", "counter_increment"], _spans.Ended.Select(static span => span.OperationName));
        var replicated = _spans.Named("replicate");
        Assert.Equal((mark.Span, call.Span.Context.SpanId), (replicated.SpanId, replicated.ParentSpanId));
        Assert.Equal(ActivityKind.Client, replicated.Kind);
        Assert.Equal("2", replicated.GetTagItem("gossipdb.peer.id"));

        // Node 3 is waited for until a while after the deadline.
        _traces.Sweep(0, nowMs: 100);
        Assert.NotNull(_traces.Open(0));
        _traces.Sweep(0, nowMs: 1_100);
        Assert.Null(_traces.Open(0));
        var late = _spans.Ended.Last();
        Assert.Equal(("timeout", ActivityStatusCode.Error), (late.GetTagItem("error.type"), late.Status));
        Assert.Equal(0, _traces.Spans);
    }

    [Fact]
    public void A_write_that_waits_for_memory_alone_is_acked_by_what_is_applied()
    {
        var (call, open) = (_traces.Begin("set_add", default)!, _traces.Follow(0));
        open.Follow(call, new Dot(Self, 8), durably: false, deadlineMs: 100, isRetry: false);
        open.Sending(Two, Events(8));

        open.Received(Two, new AckMessage(new ReplicaId(20), Self, Applied: 8, Durable: 0));

        Assert.True(_spans.Named("replicate").IsStopped);
    }

    [Fact]
    public void An_event_of_another_node_has_a_span_until_it_is_applied_and_then_one_until_the_journal_has_it()
    {
        var open = _traces.Follow(0);
        var caller = new TraceMark(8, ActivityTraceId.CreateFromString(Spans.Trace), ActivitySpanId.CreateFromString(Spans.Caller));
        var applied = 0L;

        Assert.NotNull(open.Begin(Two, Events(8), [caller], nowMs: 0));
        open.Handled(0, (_, dot) => dot.Sequence <= applied);
        Assert.Null(open.Appending());
        applied = 8;
        open.Handled(0, (_, dot) => dot.Sequence <= applied);
        Assert.Single(open.Appending()!).End();

        var (apply, journal) = (_spans.Named("apply"), _spans.Named("journal"));
        Assert.Equal((Spans.Trace, Spans.Caller), (apply.TraceId.ToHexString(), apply.ParentSpanId.ToHexString()));
        Assert.Equal(apply.SpanId, journal.ParentSpanId);
        _traces.Sweep(0, nowMs: 1);
        Assert.Null(_traces.Open(0));
    }

    [Fact]
    public void A_read_has_a_span_for_each_node_that_is_asked_until_its_answer()
    {
        var (call, open) = (_traces.Begin("read", default)!, _traces.Follow(0));
        open.Follow(call, question: 5, deadlineMs: 100);
        var question = new ReadQueryMessage(Self, 5, [], new VersionVector());

        Assert.Null(open.Sending(Two, question with { Id = 4 }));
        var mark = Assert.Single(open.Sending(Two, question)!);
        Assert.Null(open.Appending());
        open.Begin(Two, question, [mark], nowMs: 0);
        open.Handled(0, static (_, _) => false);
        open.Received(Two, new ReadAnswerMessage(new ReplicaId(20), Self, 5, null, default));

        Assert.Equal(["answer read", "ask"], _spans.Ended.Select(static span => span.OperationName));
        Assert.Equal(_spans.Named("ask").SpanId, _spans.Named("answer read").ParentSpanId);
        call.Span.End();
        _traces.Sweep(0, nowMs: 1);
        Assert.Null(_traces.Open(0));
    }

    private static EventsMessage Events(params long[] last)
    {
        var encoded = new byte[last.Length][];
        for (var i = 0; i < last.Length; i++)
        {
            // Two dots each: the last one is the event's.
            var writer = new ByteWriter();
            writer.WriteByte(1);
            writer.WriteDot(new Dot(Self, last[i] - 1));
            writer.WriteVarint(2);
            encoded[i] = writer.ToArray();
        }

        return new EventsMessage(Self, AckWanted.Durable, AnswersFetch: false, More: false, encoded);
    }
}
