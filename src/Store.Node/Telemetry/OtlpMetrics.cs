using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using OpenTelemetry.Metrics;

namespace Gossipdb.Node.Telemetry;

/// <summary>Sends metrics by the OpenTelemetry protocol, as long as the node runs.</summary>
internal sealed class OtlpMetrics(NodeSettings settings, NodeMeter node) : IHostedService, IDisposable
{
    private MeterProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _provider = MeterProviders.Begin(settings, node)
            .AddOtlpExporter((otlp, reader) =>
            {
                MeterProviders.SetOtlp(otlp, settings.Telemetry, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                    (int)settings.Telemetry.MetricsInterval.TotalMilliseconds;
            })
            .Build();
        return Task.CompletedTask;
    }

    // What has not been sent by then is given up: a stop is never held up by a collector that is away.
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => _provider?.Shutdown(1_000), CancellationToken.None);

    public void Dispose() => _provider?.Dispose();
}
