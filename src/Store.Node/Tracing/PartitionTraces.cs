using System.Diagnostics;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tracing;

/// <summary>
/// What one partition, or its stand-in, follows: the traced writes and reads that it coordinates, until every node that was sent something
/// has answered, and the traced events of others, until the journal has them. It watches messages and appends that pass anyway, and changes
/// none. Only for who is in the partition's lane.
/// </summary>
internal sealed class PartitionTraces(NodeTraces traces)
{
    // A span that has got no answer outlives its request by this much.
    private const long GraceMs = 1_000;

    // How long an event of another node may wait to be applied here.
    private const long ApplyWithinMs = 10_000;

    private readonly List<FollowedCall> _calls = [];
    private readonly List<FollowedEvent> _events = [];

    /// <summary>Whether nothing is followed any more.</summary>
    public bool IsEmpty => _calls.Count + _events.Count == 0;

    /// <summary>A traced write was made by an event.</summary>
    /// <param name="call">The write.</param>
    /// <param name="made">The event's last dot.</param>
    /// <param name="durably">Whether it waits until others have it on disk.</param>
    /// <param name="deadlineMs">The write's deadline.</param>
    /// <param name="isRetry">Whether an earlier request of the same name has made the event, and not this one, now.</param>
    public void Follow(TracedCall call, Dot made, bool durably, long deadlineMs, bool isRetry)
    {
        if (isRetry) call.Span.Happens("was executed before: waits for the acks of that event");
        _calls.Add(new FollowedCall(call, deadlineMs + GraceMs) { Made = made, IsDurable = durably, IsJournaled = isRetry });
    }

    /// <summary>A traced read is about to be asked of others.</summary>
    /// <param name="call">The read.</param>
    /// <param name="question">The number that it goes under.</param>
    /// <param name="deadlineMs">The read's deadline.</param>
    public void Follow(TracedCall call, ulong question, long deadlineMs) =>
        _calls.Add(new FollowedCall(call, deadlineMs + GraceMs) { Question = question, IsJournaled = true });

    /// <summary>A message is about to leave: opens spans for what of it is traced.</summary>
    /// <returns>What is to travel with it; null where nothing is traced.</returns>
    public IReadOnlyList<TraceMark>? Sending(NodeId to, PeerMessage message)
    {
        List<TraceMark>? marks = null;
        for (var i = 0; i < _calls.Count; i++)
        {
            if (_calls[i].Sending(to, message) is { } mark) (marks ??= []).Add(mark);
        }

        return marks;
    }

    /// <summary>What was made or applied since the last time goes to the journal.</summary>
    /// <returns>The spans that end once it is there; null where nothing of it is traced.</returns>
    public IReadOnlyList<TraceSpan>? Appending()
    {
        List<TraceSpan>? spans = null;
        for (var i = 0; i < _calls.Count; i++)
            if (_calls[i].Appending() is { } span) (spans ??= []).Add(span);
        for (var i = 0; i < _events.Count; i++)
            if (_events[i].Appending(traces) is { } span) (spans ??= []).Add(span);
        return spans;
    }

    /// <summary>A message has arrived: ends the spans that it answers.</summary>
    public void Received(NodeId from, PeerMessage message)
    {
        for (var i = _calls.Count - 1; i >= 0; i--)
        {
            _calls[i].Received(from, message);
            if (_calls[i].HasEnded(nowMs: 0)) _calls.RemoveAt(i);
        }
    }

    /// <summary>A message is about to be handled of which something is traced.</summary>
    /// <returns>The span of its first part; null where none is followed.</returns>
    public TraceSpan? Begin(NodeId from, PeerMessage message, IReadOnlyList<TraceMark> marks, long nowMs)
    {
        TraceSpan? first = null;
        var isRead = Following.Asks(message, out _, out _);
        var isHint = message is FallbackMessage { IsForFallback: true };
        for (var i = 0; i < marks.Count; i++)
        {
            var span = traces.TryStart(isRead ? "answer read" : isHint ? "hold" : "apply", ActivityKind.Server, marks[i].Context);
            if (span is null) return first;
            span.Set("gossipdb.peer.id", from.ToString());
            first ??= span;
            _events.Add(new FollowedEvent(span, new Dot(message.Sender, (long)marks[i].Number), isRead, nowMs + ApplyWithinMs));
        }

        return first;
    }

    /// <summary>Something was handled: ends the spans of what is applied by now.</summary>
    /// <param name="part">Whose state it is.</param>
    /// <param name="isApplied">Whether an event is.</param>
    public void Handled<T>(T part, Func<T, Dot, bool> isApplied)
    {
        for (var i = 0; i < _events.Count; i++)
            if (_events[i] is { IsApplied: false } waiting && (waiting.IsRead || isApplied(part, waiting.Last))) waiting.Applied();
    }

    /// <summary>Ends what has been open for too long, and lets go of what has ended.</summary>
    public void Sweep(long nowMs)
    {
        for (var i = _calls.Count - 1; i >= 0; i--)
            if (_calls[i].HasEnded(nowMs)) _calls.RemoveAt(i);
        for (var i = _events.Count - 1; i >= 0; i--)
            if (_events[i].HasEnded(nowMs)) _events.RemoveAt(i);
    }
}
