namespace Gossipdb.Cluster.Tests.Tracing;

/// <summary>Three nodes that send their spans to a collector, and log as JSON.</summary>
public sealed class TracedCluster : IAsyncLifetime
{
    internal OtlpCollector Collector { get; } = new();

    internal TestCluster Nodes { get; private set; } = null!;

    public async Task InitializeAsync() => Nodes = await TestCluster.StartAsync(
        3,
        $"gossipdb.telemetry.otlp-endpoint = \"{Collector.Endpoint}\"",
        "gossipdb.telemetry.otlp-protocol = http/protobuf",
        "gossipdb.telemetry.traces-interval = 200ms",
        "gossipdb.log.format = json");

    public async Task DisposeAsync()
    {
        await Nodes.DisposeAsync();
        Collector.Dispose();
    }
}
