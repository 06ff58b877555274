using Gossipdb.Node.Configuration;
using Gossipdb.Node.Tracing;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Gossipdb.Node.Telemetry;

/// <summary>
/// Sends spans by the OpenTelemetry protocol, as long as the node runs. Where the collector is slow or away they are dropped.
/// </summary>
internal sealed class OtlpTraces(NodeSettings settings) : IHostedService, IDisposable
{
    // Of the spans that wait to be sent. Further ones are dropped.
    private const int MaxQueued = 8192;

    private TracerProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(MeterProviders.ResourceOf(settings))
            .AddSource(NodeTraces.SourceName)

            // NodeTraces has decided before a span is opened.
            .SetSampler(new AlwaysOnSampler())
            .AddOtlpExporter(otlp =>
            {
                MeterProviders.SetOtlp(otlp, settings.Telemetry, "traces");
                otlp.BatchExportProcessorOptions.MaxQueueSize = MaxQueued;
                otlp.BatchExportProcessorOptions.ScheduledDelayMilliseconds = (int)settings.Telemetry.TracesInterval.TotalMilliseconds;
            })
            .Build();
        return Task.CompletedTask;
    }

    // What has not been sent by then is given up: a stop is never held up by a collector that is away.
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => _provider?.Shutdown(1_000), CancellationToken.None);

    public void Dispose() => _provider?.Dispose();
}
