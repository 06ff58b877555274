using System.Diagnostics;

namespace Gossipdb.Node.Tracing;

/// <summary>A request that is traced, from its arrival at this node until it is answered.</summary>
internal sealed class TracedCall(NodeTraces traces, TraceSpan span)
{
    /// <summary>The span of the request at this node.</summary>
    public TraceSpan Span => span;

    /// <summary>Opens a span of what is done for it.</summary>
    public TraceSpan? Start(string name, ActivityKind kind) => traces.Start(name, kind, span.Context);
}
