using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Gossipdb.Node.Telemetry;

/// <summary>What exporters have in common: which meters they read, who they say they are, where they send to.</summary>
internal static class MeterProviders
{
    // Of GC, heap, threads and the process: .NET's own meter.
    private const string Runtime = "System.Runtime";

    /// <summary>A provider that reads the node's meter and .NET's.</summary>
    public static MeterProviderBuilder Begin(NodeSettings settings, NodeMeter node) => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(ResourceOf(settings))
        .AddMeter(NodeMeter.Name)
        .AddMeter(Runtime)
        .AddView(instrument => ViewOf(instrument, node));

    /// <summary>Who sends: the node as a service instance.</summary>
    public static ResourceBuilder ResourceOf(NodeSettings settings) => ResourceBuilder.CreateEmpty()
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector()
        .AddService("gossipdb", serviceVersion: ProductVersion.Text, serviceInstanceId: $"{settings.Id}");

    /// <summary>Where to send to.</summary>
    /// <param name="options">Is told.</param>
    /// <param name="settings">They have an endpoint.</param>
    /// <param name="signal">metrics or traces: over HTTP each has a path of its own.</param>
    public static void SetOtlp(OtlpExporterOptions options, TelemetrySettings settings, string signal)
    {
        options.Protocol = settings.OtlpOverHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        options.Endpoint = settings.OtlpOverHttp
            ? new Uri($"{settings.OtlpEndpoint!.AbsoluteUri.TrimEnd('/')}/v1/{signal}")
            : settings.OtlpEndpoint!;
    }

    // Meters are found by name, and another node may run in this process. Prometheus has names that end in _count for histograms alone.
    // What .NET counts up and down of its thread pool would be taken for something that only grows: the node has gauges of its own for it.
    private static MetricStreamConfiguration? ViewOf(System.Diagnostics.Metrics.Instrument instrument, NodeMeter node)
    {
        if (instrument.Meter.Name != Runtime)
            return ReferenceEquals(instrument.Meter, node.Meter) ? null : MetricStreamConfiguration.Drop;
        if (instrument.Name is "dotnet.thread_pool.thread.count" or "dotnet.thread_pool.queue.length")
            return MetricStreamConfiguration.Drop;
        return instrument.Name.EndsWith(".count", StringComparison.Ordinal)
            ? new MetricStreamConfiguration { Name = Plural(instrument.Name[..^".count".Length]) }
            : null;
    }

    private static string Plural(string name) => name.EndsWith('y') ? name[..^1] + "ies" : name + "s";
}
