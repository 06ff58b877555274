namespace Gossipdb.Node.Configuration;

/// <summary>Metrics and traces for other systems.</summary>
/// <param name="Prometheus">Whether /metrics is served on the http port.</param>
/// <param name="OtlpEndpoint">Where they are sent by the OpenTelemetry protocol; null: nowhere.</param>
/// <param name="OtlpOverHttp">Whether that is spoken as protobuf over HTTP, and not as gRPC.</param>
/// <param name="MetricsInterval">How often metrics are sent there.</param>
/// <param name="TracesInterval">How often spans are; sooner where many wait.</param>
/// <param name="TraceRatio">The share, from 0 to 1, of the requests without a trace context whose trace begins at this node.</param>
/// <param name="MaxSpans">So many spans may be open at once before further requests are not traced.</param>
internal sealed record TelemetrySettings(
    bool Prometheus, Uri? OtlpEndpoint, bool OtlpOverHttp, TimeSpan MetricsInterval, TimeSpan TracesInterval, double TraceRatio,
    int MaxSpans);
