using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Telemetry;

/// <summary>
/// Metrics for other systems (docs/metrics.md). OpenTelemetry is loaded once something is exported, and not before: with
/// <c>otlp-endpoint</c> at the start, else when <c>/metrics</c> is asked for the first time.
/// </summary>
internal static class TelemetryHost
{
    /// <summary>Where metrics are read.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Adds its parts.</summary>
    public static void AddParts(IServiceCollection services, NodeSettings settings)
    {
        services.AddSingleton<NodeMeter>();
        services.AddSingleton<PartitionSamples>();
        services.AddSingleton<NodeInstruments>();
        services.AddSingleton<PrometheusPage>();
        if (settings.Telemetry.OtlpEndpoint is null) return;
        services.AddHostedService<OtlpMetrics>();
        services.AddHostedService<OtlpTraces>();
    }

    /// <summary>Makes the instruments, and serves the metrics where the node is configured to.</summary>
    public static void Map(WebApplication app)
    {
        app.Services.GetRequiredService<NodeInstruments>();
        if (!app.Services.GetRequiredService<NodeSettings>().Telemetry.Prometheus) return;
        app.MapGet(MetricsPath, app.Services.GetRequiredService<PrometheusPage>().ServeAsync);
    }
}
