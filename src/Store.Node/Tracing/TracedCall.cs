using System.Diagnostics;

namespace Gossipdb.Node.Tracing;

/// <summary>A request that is traced, from its arrival at this node until it is answered.</summary>
internal sealed class TracedCall(NodeTraces traces, Span span)
{
    /// <summary>The span of the request at this node.</summary>
    public Span Span => span;

    /// <summary>Opens a span of what is done for it.</summary>
    public Span? Start(string name, ActivityKind kind) => traces.Start(name, kind, span.Context);
}
