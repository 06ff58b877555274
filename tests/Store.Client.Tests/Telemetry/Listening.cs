using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gossipdb.Client.Tests.Telemetry;

/// <summary>Somebody who listens to spans and metrics of the client, of all that this process has.</summary>
internal sealed class Listening : IDisposable
{
    private readonly ActivityListener _spans;
    private readonly MeterListener _metrics = new();

    public Listening(ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == GossipdbClient.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
            ActivityStopped = Spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_spans);
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == GossipdbClient.TelemetryName) listener.EnableMeasurementEvents(instrument);
        };
        _metrics.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            Measured.Enqueue((instrument, value, tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value))));
        _metrics.Start();
    }

    public ConcurrentQueue<Activity> Spans { get; } = new();

    public ConcurrentQueue<(Instrument Instrument, double Value, Dictionary<string, object?> Tags)> Measured { get; } = new();

    public void Dispose()
    {
        _spans.Dispose();
        _metrics.Dispose();
    }
}
