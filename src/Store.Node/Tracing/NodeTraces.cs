using System.Diagnostics;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Tracing;

/// <summary>
/// The traces that this node takes part in (docs/tracing.md). Who sends a trace context decides whether a request is traced; of the others
/// a share is. While nobody listens, which is whenever traces are sent nowhere, nothing is. Any thread, but for what a partition has open:
/// that belongs to who is in its lane.
/// </summary>
internal sealed class NodeTraces : IDisposable
{
    /// <summary>The name of the source of all spans of a node.</summary>
    public const string SourceName = "Gossipdb.Node";

    private readonly ActivitySource _source = new(SourceName, ProductVersion.Text);
    private readonly double _ratio;
    private readonly long _maxSpans;
    private readonly string _node;
    private readonly PartitionTraces?[] _open;
    private long _spans;
    private long _untraced;

    public NodeTraces(NodeSettings settings)
    {
        _ratio = settings.Telemetry.TraceRatio;
        _maxSpans = settings.Telemetry.MaxSpans;
        _node = settings.Id.ToString();
        _open = new PartitionTraces?[2 * settings.Partitions];
    }

    /// <summary>Whether anybody listens.</summary>
    public bool IsOn => _source.HasListeners();

    /// <summary>How many spans are open now.</summary>
    public long Spans => Volatile.Read(ref _spans);

    /// <summary>How many may be, before further requests are not traced.</summary>
    public long MaxSpans => _maxSpans;

    /// <summary>How many requests were not traced because of that.</summary>
    public long Untraced => Volatile.Read(ref _untraced);

    /// <summary>Whether a request that arrives is to be traced.</summary>
    /// <param name="traceparent">The trace context that came with it; empty where its caller records none; null where none came.</param>
    /// <param name="mayBegin">Whether a trace may begin here.</param>
    /// <param name="parent">The span of the caller, where there is one.</param>
    public bool IsWanted(string? traceparent, bool mayBegin, out ActivityContext parent)
    {
        parent = default;
        if (traceparent is null) return mayBegin && _ratio > 0 && Random.Shared.NextDouble() < _ratio;
        if (ActivityContext.TryParse(traceparent, null, isRemote: true, out parent))
            return (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0;

        // What is no trace context counts as none, but for the empty one.
        return traceparent.Length > 0 && IsWanted(null, mayBegin, out _);
    }

    /// <summary>Opens the span of a request.</summary>
    /// <param name="operation">Its name.</param>
    /// <param name="parent">The span of the caller; the default where the trace begins here.</param>
    /// <returns>Null where too many spans are open.</returns>
    public TracedCall? Begin(string operation, in ActivityContext parent) =>
        TryStart(operation, ActivityKind.Server, parent) is { } span ? new TracedCall(this, span) : null;

    /// <summary>What a partition or its stand-in follows; null where that is nothing. In its lane.</summary>
    /// <param name="journal">Its number in the journal.</param>
    public PartitionTraces? Open(int journal) => _open[journal];

    /// <summary>The same, where something is to be followed.</summary>
    public PartitionTraces Follow(int journal) => _open[journal] ??= new PartitionTraces(this);

    /// <summary>Ends what has been open for too long, and lets go of what has ended. In the partition's lane.</summary>
    public void Sweep(int journal, long nowMs)
    {
        if (_open[journal] is not { } open) return;
        open.Sweep(nowMs);
        if (open.IsEmpty) _open[journal] = null;
    }

    /// <summary>Opens a span, unless too many are; null then, and where nobody listens.</summary>
    public TraceSpan? TryStart(string name, ActivityKind kind, in ActivityContext parent)
    {
        if (Spans < _maxSpans) return Start(name, kind, parent);
        Interlocked.Increment(ref _untraced);
        return null;
    }

    /// <summary>Opens a span of an operation that is traced already.</summary>
    public TraceSpan? Start(string name, ActivityKind kind, in ActivityContext parent)
    {
        // Whatever the thread was doing before is no part of it.
        var around = Activity.Current;
        Activity.Current = null;
        var activity = _source.StartActivity(name, kind, parent);
        Activity.Current = around;
        if (activity is not { Recorded: true }) return null;
        Interlocked.Increment(ref _spans);
        activity.SetTag("gossipdb.node.id", _node);
        return new TraceSpan(this, activity);
    }

    public void Dispose() => _source.Dispose();

    internal void Ended() => Interlocked.Decrement(ref _spans);
}
