using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using OpenTelemetry.Metrics;

namespace Gossipdb.Node.Telemetry;

/// <summary>Serves the metrics in Prometheus' text format. What that takes is set up when it is asked for the first time.</summary>
internal sealed class PrometheusPage(NodeSettings settings, NodeMeter node, PartitionSamples samples, IServiceProvider services)
    : IDisposable
{
    private readonly Lock _gate = new();
    private volatile RequestDelegate? _serve;
    private IDisposable? _provider;

    /// <summary>Answers a request.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        await samples.RefreshAsync();
        await (_serve ?? Begin())(http);
    }

    public void Dispose() => _provider?.Dispose();

    private RequestDelegate Begin()
    {
        lock (_gate)
        {
            if (_serve is { } begun) return begun;
            var provider = MeterProviders.Begin(settings, node)
                .AddPrometheusExporter(static prometheus => prometheus.ScopeInfoEnabled = false)
                .Build();
            _provider = provider;
            var branch = new ApplicationBuilder(services);
            branch.UseOpenTelemetryPrometheusScrapingEndpoint(
                provider, predicate: static _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
            return _serve = branch.Build();
        }
    }
}
