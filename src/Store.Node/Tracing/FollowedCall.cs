using System.Diagnostics;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tracing;

/// <summary>
/// A traced write or read at its coordinator: one span for each node that is sent it, until that node answers, and one for the journal.
/// In the partition's lane.
/// </summary>
/// <param name="call">The request. It may be answered before all nodes have.</param>
/// <param name="untilMs">When what is open by then is given up.</param>
internal sealed class FollowedCall(TracedCall call, long untilMs)
{
    private readonly List<(NodeId Node, TraceSpan Span)> _sent = [];
    private TraceSpan? _journal;

    /// <summary>The event of a write.</summary>
    public Dot Made { get; init; }

    /// <summary>The number of a read's question; 0 of a write.</summary>
    public ulong Question { get; init; }

    /// <summary>Whether a write waits until others have it on disk.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Whether its journal span was opened, or it has none.</summary>
    public bool IsJournaled { get; set; }

    /// <summary>Opens a span where a message that leaves brings it to a node for the first time.</summary>
    public TraceMark? Sending(NodeId to, PeerMessage message)
    {
        for (var i = 0; i < _sent.Count; i++)
            if (_sent[i].Node == to) return null;
        if (Question != 0)
        {
            if (!Following.Asks(message, out _, out var question) || question != Question) return null;
        }
        else if (!Following.Brings(message, Made))
        {
            return null;
        }

        var name = Question != 0 ? "ask" : message is FallbackMessage ? "hint" : "replicate";
        if (call.Start(name, ActivityKind.Client) is not { } span) return null;
        span.Set("gossipdb.peer.id", to.ToString());
        _sent.Add((to, span));
        return new TraceMark(Question != 0 ? Question : (ulong)Made.Sequence, span.Context.TraceId, span.Context.SpanId);
    }

    /// <summary>Ends the span of a node that answers it.</summary>
    public void Received(NodeId from, PeerMessage message)
    {
        for (var i = 0; i < _sent.Count; i++)
        {
            var (node, span) = _sent[i];
            if (node != from || span.HasEnded) continue;
            var isAnswer = Question != 0
                ? Following.Answers(message, out _, out var question) && question == Question
                : Following.Acks(message, Made, IsDurable);
            if (isAnswer) span.End();
        }
    }

    /// <summary>The span of the journal, where it begins now.</summary>
    public TraceSpan? Appending()
    {
        if (IsJournaled) return null;
        IsJournaled = true;
        return _journal = call.Start("journal", ActivityKind.Internal);
    }

    /// <summary>Whether all has ended; what is open at the deadline does then.</summary>
    public bool HasEnded(long nowMs)
    {
        var isLate = nowMs >= untilMs;
        var isOpen = !call.Span.HasEnded || !IsJournaled;
        for (var i = 0; i < _sent.Count; i++)
        {
            if (isLate) _sent[i].Span.End("timeout", "it has not answered by the request's deadline");
            isOpen |= !_sent[i].Span.HasEnded;
        }

        if (isLate) _journal?.End("timeout", "not on disk by the request's deadline");
        isOpen |= _journal is { HasEnded: false };
        return isLate || !isOpen;
    }
}
