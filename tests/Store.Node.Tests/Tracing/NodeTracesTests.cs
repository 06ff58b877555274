using System.Diagnostics;
using Gossipdb.Node.Tracing;

namespace Gossipdb.Node.Tests.Tracing;

/// <summary>Which requests are traced, and how many at once.</summary>
public sealed class NodeTracesTests
{
    private const string NoTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    [Theory]
    [InlineData(Spans.Traceparent, true, "0", true)]
    [InlineData(Spans.Traceparent, false, "0", true)]
    [InlineData(NoTrace, true, "1", false)]
    [InlineData("", true, "1", false)]
    [InlineData(null, true, "1", true)]
    [InlineData(null, true, "0", false)]
    [InlineData(null, false, "1", false)]
    [InlineData("no trace context", true, "1", true)]
    [InlineData("no trace context", true, "0", false)]
    public void The_caller_decides_and_where_it_says_nothing_a_share_does(string? traceparent, bool mayBegin, string ratio, bool isTraced)
    {
        using var traces = new NodeTraces(TestSettings.Parse($"gossipdb.telemetry.trace-ratio = {ratio}"));

        Assert.Equal(isTraced, traces.IsWanted(traceparent, mayBegin, out var parent));
        if (isTraced) Assert.Equal(traceparent == Spans.Traceparent ? Spans.Caller : new string('0', 16), parent.SpanId.ToHexString());
    }

    [Fact]
    public void A_share_of_the_requests_is_traced_that_say_nothing()
    {
        using var traces = new NodeTraces(TestSettings.Parse("gossipdb.telemetry.trace-ratio = 0.25"));

        var traced = Enumerable.Range(0, 20_000).Count(_ => traces.IsWanted(null, mayBegin: true, out var _));

        // Ten standard deviations.
        Assert.InRange(traced, 4_400, 5_600);
    }

    [Fact]
    public void While_nobody_listens_there_is_nothing()
    {
        using var traces = new NodeTraces(TestSettings.Parse());

        Assert.False(traces.IsOn);
        Assert.Null(traces.Begin("read", default));
        Assert.Equal(0, traces.Spans);
    }

    [Fact]
    public void Past_the_limit_of_open_spans_no_further_request_is_traced_and_each_is_counted()
    {
        using var spans = new Spans();
        using var traces = new NodeTraces(TestSettings.Parse("gossipdb.telemetry.max-spans = 1"));
        var first = traces.Begin("read", default)!;

        Assert.Null(traces.Begin("read", default));
        Assert.Equal((1, 1, 1), (traces.Spans, traces.MaxSpans, traces.Untraced));

        // What is traced already is traced to its end.
        Assert.NotNull(first.Start("ask", ActivityKind.Client));
        first.Span.End();
        first.Span.End();
        Assert.Equal(1, traces.Spans);
    }

    [Fact]
    public void A_span_is_no_child_of_what_its_thread_was_doing_and_is_current_only_where_it_is_entered()
    {
        using var spans = new Spans();
        using var traces = new NodeTraces(TestSettings.Parse());
        using var before = new Activity("something else").Start();

        var call = traces.Begin("read", default)!;
        Assert.Same(before, Activity.Current);
        using (call.Span.Enter()) Assert.Equal(call.Span.Context.SpanId, Activity.Current!.SpanId);
        call.Span.End("UNAVAILABLE", "nobody there");

        Assert.Same(before, Activity.Current);
        var span = spans.Named("read");
        Assert.Equal((default, ActivityKind.Server), (span.ParentSpanId, span.Kind));
        Assert.Equal((ActivityStatusCode.Error, "nobody there"), (span.Status, span.StatusDescription));
        Assert.Equal("UNAVAILABLE", span.GetTagItem("error.type"));
        Assert.Equal("1", span.GetTagItem("gossipdb.node.id"));
    }
}
