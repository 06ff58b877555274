using System.Collections.Concurrent;
using System.Diagnostics;
using Gossipdb.Node.Tracing;

namespace Gossipdb.Node.Tests.Tracing;

/// <summary>Somebody who listens to the spans of all nodes in this process.</summary>
internal sealed class Spans : IDisposable
{
    public const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    public const string Caller = "00f067aa0ba902b7";
    public const string Traceparent = $"00-{Trace}-{Caller}-01";

    private readonly ActivityListener _listener;

    public Spans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == NodeTraces.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended, in that order.</summary>
    public ConcurrentQueue<Activity> Ended { get; } = new();

    /// <summary>The one of a name.</summary>
    public Activity Named(string name) => Assert.Single(Ended, span => span.OperationName == name);

    public void Dispose() => _listener.Dispose();
}
