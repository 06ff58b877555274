using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Tests.Tracing;
using Gossipdb.Node.Tracing;

namespace Gossipdb.Node.Tests;

/// <summary>The node's log, for people and for programs.</summary>
public sealed class NodeLogTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void As_json_a_line_is_an_object_with_the_message_as_people_read_it_its_values_and_its_trace()
    {
        var lines = Log("json");

        using var plain = JsonDocument.Parse(lines[0]);
        Assert.Equal("node 3 is away", plain.RootElement.GetProperty("@m").GetString());
        Assert.Equal("away", plain.RootElement.GetProperty("State").GetString());
        Assert.Equal((3, 1), (plain.RootElement.GetProperty("Node").GetInt32(), plain.RootElement.GetProperty("NodeId").GetInt32()));
        Assert.Equal("Warning", plain.RootElement.GetProperty("@l").GetString());
        Assert.False(plain.RootElement.TryGetProperty("@tr", out _));
        using var traced = JsonDocument.Parse(lines[1]);
        Assert.Equal(Spans.Trace, traced.RootElement.GetProperty("@tr").GetString());
        Assert.NotEqual(Spans.Caller, traced.RootElement.GetProperty("@sp").GetString());
    }

    [Fact]
    public void As_text_the_trace_is_at_the_end_of_a_line_that_has_one()
    {
        var lines = Log("text");

        Assert.EndsWith("WRN node 3 is away", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($"INF node 3 is back (trace {Spans.Trace})", lines[1], StringComparison.Ordinal);
    }

    // A line outside of any trace, and one within.
    private string[] Log(string format)
    {
        var settings = NodeSettings.Parse(
            $"""
            {TestSettings.Minimal}
            gossipdb.node.data-dir = "{_data.Path}"
            gossipdb.log.console = off
            gossipdb.log.format = {format}
            """,
            "node.conf");
        using var spans = new Spans();
        using var traces = new NodeTraces(settings);
        Assert.True(traces.IsWanted(Spans.Traceparent, mayBegin: false, out var parent));
        var call = traces.Begin("read", parent)!;
        using (var logger = NodeLog.Create(settings))
        {
            logger.Warning("node {Node} is {State}", 3, "away");
            using var current = call.Span.Enter();
            logger.Information("node {Node} is back", 3);
        }

        call.Span.End();
        return File.ReadAllLines(Assert.Single(Directory.EnumerateFiles(Path.Combine(_data.Path, "log"))));
    }
}
