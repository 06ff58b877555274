namespace Gossipdb.Client;

/// <summary>The traces that a node takes part in.</summary>
public sealed record TraceStatus
{
    /// <summary>How many spans are open now.</summary>
    public long Spans { get; init; }

    /// <summary>While so many are, further requests are not traced.</summary>
    public long MaxSpans { get; init; }

    /// <summary>How many requests were not traced because of that, since the node started.</summary>
    public long Untraced { get; init; }
}
