using System.Diagnostics;
using System.Text.Json;
using Gossipdb.Client;
using Gossipdb.Protocol;
using Grpc.Core;
using Grpc.Net.Client;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;

namespace Gossipdb.Cluster.Tests.Tracing;

/// <summary>Traces through the client, the coordinator, the other owners and the journals of real nodes.</summary>
[Collection(RealProcesses.Name)]
public sealed class TraceTests(TracedCluster cluster) : IClassFixture<TracedCluster>
{
    private const uint Server = 2;
    private const uint Caller = 3;

    [Fact]
    public async Task A_write_is_one_trace_through_client_coordinator_peers_and_journals()
    {
        using var exporting = ExportClient();
        await using var client = await cluster.Nodes.ConnectOnlyAsync(1);
        using var request = new Activity("a web request") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        request.Start();

        await client.Counter("visits").IncrementAsync(consistency: Write.All);
        request.Stop();
        exporting.ForceFlush();

        var spans = await cluster.Collector.TraceAsync(request.TraceId.ToHexString(), spans: 9);
        Assert.Equal(9, spans.Count);
        var calling = Assert.Single(spans, static span => span.Source == GossipdbClient.TelemetryName);
        Assert.Equal(request.SpanId.ToHexString(), calling.Parent);
        Assert.Equal((Caller, "gossipdb"), (calling.Kind, calling.Tags["db.system.name"]));
        Assert.StartsWith("counter_increment 127.0.0.1:", calling.Name, StringComparison.Ordinal);

        var serving = Assert.Single(spans, span => span.Parent == calling.Id);
        Assert.Equal(("counter_increment", Server, "1"), (serving.Name, serving.Kind, serving.Instance));
        Assert.Equal("all", serving.Tags["gossipdb.level"]);
        Assert.Equal(["1", "2", "3"], serving.Tags["gossipdb.nodes"].Split(',').Order());
        AssertJournaled(spans, serving);

        foreach (var peer in new[] { "2", "3" })
        {
            var replicating = Assert.Single(spans, span => span.Name == "replicate" && span.Tags["gossipdb.peer.id"] == peer);
            Assert.Equal((serving.Id, Caller, "1"), (replicating.Parent, replicating.Kind, replicating.Instance));
            var applying = Assert.Single(spans, span => span.Parent == replicating.Id);
            Assert.Equal(("apply", Server, peer), (applying.Name, applying.Kind, applying.Instance));
            AssertJournaled(spans, applying);
        }
    }

    [Fact]
    public async Task A_read_is_traced_to_those_who_are_asked_also_where_the_context_comes_in_a_header()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var channel = GrpcChannel.ForAddress(cluster.Nodes.Local.Nodes[1].Endpoint);
        var node = new WireClient(channel);

        await node.ExecuteAsync(
            new Request
            {
                Key = Google.Protobuf.ByteString.CopyFromUtf8("visits"),
                Level = new() { Named = Level.Types.Named.All },
                Read = new(),
            },
            new Metadata { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" } });

        var spans = await cluster.Collector.TraceAsync(trace, spans: 5);
        Assert.Equal(5, spans.Count);
        var serving = Assert.Single(spans, static span => span.Name == "read");
        Assert.Equal(("00f067aa0ba902b7", "2"), (serving.Parent, serving.Instance));
        foreach (var peer in new[] { "1", "3" })
        {
            var asking = Assert.Single(spans, span => span.Name == "ask" && span.Tags["gossipdb.peer.id"] == peer);
            Assert.Equal((serving.Id, "2"), (asking.Parent, asking.Instance));
            var answering = Assert.Single(spans, span => span.Parent == asking.Id);
            Assert.Equal(("answer read", peer), (answering.Name, answering.Instance));
        }
    }

    [Fact]
    public async Task Lines_of_the_log_are_objects_of_json()
    {
        var logs = Path.Combine(cluster.Nodes.DataOf(1), "log");
        await using var stream = new FileStream(
            Directory.EnumerateFiles(logs).Single(), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var lines = (await reader.ReadToEndAsync()).Split('\n');

        // The last one may be being written.
        var objects = lines[..^1].Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.NotEmpty(objects);
        Assert.All(objects, static line =>
        {
            Assert.True(line.GetProperty("@t").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
            Assert.NotEmpty(line.GetProperty("@m").GetString()!);
            Assert.Equal(1, line.GetProperty("NodeId").GetInt32());
        });
    }

    // What an application does to send the client's spans.
    private TracerProvider ExportClient() => Sdk.CreateTracerProviderBuilder()
        .AddSource(GossipdbClient.TelemetryName)
        .AddOtlpExporter(otlp =>
        {
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            otlp.Endpoint = new Uri($"{cluster.Collector.Endpoint}/v1/traces");
        })
        .Build();

    private static void AssertJournaled(IReadOnlyList<ReceivedSpan> spans, ReceivedSpan parent)
    {
        var journal = Assert.Single(spans, span => span.Name == "journal" && span.Parent == parent.Id);
        Assert.Equal(parent.Instance, journal.Instance);
        Assert.True(int.Parse(journal.Tags["gossipdb.journal.group.entries"], System.Globalization.CultureInfo.InvariantCulture) >= 1);
        Assert.True(journal.EndNs > journal.StartNs);
    }
}
