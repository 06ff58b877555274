using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gossipdb.Client.Connection;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Telemetry;

/// <summary>
/// What the client tells of its calls to whoever listens, by the stable conventions of OpenTelemetry for database clients: a span for each
/// call, and a histogram of how long calls take. Keys and values are never told. Where nobody listens nothing is measured or allocated.
/// </summary>
internal static class CallTelemetry
{
    private const string SystemName = "gossipdb";
    private static readonly string? Version = typeof(CallTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource Source = new(GossipdbClient.TelemetryName, Version);
    private static readonly Meter Meter = new(GossipdbClient.TelemetryName, Version);

    // The boundaries that the conventions advise.
    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "db.client.operation.duration",
        unit: "s",
        description: "Duration of database client operations.",
        tags: null,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Source.HasListeners() || Duration.Enabled;

    /// <summary>
    /// A call begins. Its request is given the trace that it is part of. Call it before the request is handed to anybody: it is changed.
    /// </summary>
    public static Observed Begin(Request request)
    {
        var startedAt = Stopwatch.GetTimestamp();
        if (!Source.HasListeners()) return new Observed(null, startedAt);
        var operation = OperationNames.Of(request);
        var span = Source.StartActivity(operation, ActivityKind.Client, parentContext: default, [
            new("db.system.name", SystemName),
            new("db.operation.name", operation),
        ]);
        if (span is { IsAllDataRequested: true } && OperationNames.BatchSize(request) is > 1 and var size)
            span.SetTag("db.operation.batch.size", size);
        request.Traceparent = span is { Recorded: true } ? span.Id : "";
        return new Observed(span, startedAt);
    }

    /// <summary>A call that somebody listens to, until it ends.</summary>
    /// <param name="span">Its span; null where it is not traced.</param>
    /// <param name="startedAt">When it began, in ticks of <see cref="Stopwatch"/>.</param>
    public readonly struct Observed(Activity? span, long startedAt)
    {
        /// <summary>The call has ended.</summary>
        /// <param name="call">The call.</param>
        /// <param name="failure">What the caller is told; null where it succeeded.</param>
        public void End(OutboundCall call, Exception? failure)
        {
            var status = failure is null ? null : StatusCodes.Of(call, failure);
            var error = failure is null ? null : status ?? failure.GetType().FullName;
            if (span is { IsAllDataRequested: true }) Describe(span, call, status, error, failure);
            span?.Stop();
            if (Duration.Enabled) Record(call, status, error);
        }

        private static void Describe(Activity span, OutboundCall call, string? status, string? error, Exception? failure)
        {
            if (call.SentTo is { } node)
            {
                span.DisplayName = $"{span.OperationName} {node.Host}:{node.Port}";
                span.SetTag("server.address", node.Host).SetTag("server.port", node.Port);
            }

            if (call.Attempts > 1) span.SetTag("gossipdb.client.attempts", call.Attempts);
            if (failure is null) return;
            if (status is not null) span.SetTag("db.response.status_code", status);
            span.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error, failure.Message);
        }

        private void Record(OutboundCall call, string? status, string? error)
        {
            var tags = new TagList
            {
                { "db.system.name", SystemName },
                { "db.operation.name", OperationNames.Of(call.Request) },
            };
            if (call.SentTo is { } node)
            {
                tags.Add("server.address", node.Host);
                tags.Add("server.port", node.Port);
            }

            if (status is not null) tags.Add("db.response.status_code", status);
            if (error is not null) tags.Add("error.type", error);
            Duration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, tags);
        }
    }
}
