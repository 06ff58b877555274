using System.Diagnostics;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Node.Tracing;

/// <summary>
/// Something traced that another node has sent: an event until it is applied and on disk, or the question of a read. In the partition's
/// lane.
/// </summary>
/// <param name="span">The span until it is applied, or answered.</param>
/// <param name="last">The event's last dot.</param>
/// <param name="isRead">Whether it is a read's question.</param>
/// <param name="untilMs">When what is open by then is given up.</param>
internal sealed class FollowedEvent(TraceSpan span, Dot last, bool isRead, long untilMs)
{
    private TraceSpan? _journal;
    private bool _isJournaled = isRead;

    public Dot Last => last;

    public bool IsRead { get; } = isRead;

    public bool IsApplied => span.HasEnded;

    /// <summary>It is applied, or answered.</summary>
    public void Applied() => span.End();

    /// <summary>The span of the journal, where it begins now: with the first append after the event was applied.</summary>
    public TraceSpan? Appending(NodeTraces traces)
    {
        if (_isJournaled || !IsApplied) return null;
        _isJournaled = true;
        return _journal = traces.Start("journal", ActivityKind.Internal, span.Context);
    }

    /// <summary>Whether all has ended; what is open after too long does then.</summary>
    public bool HasEnded(long nowMs)
    {
        var isLate = nowMs >= untilMs;
        if (isLate)
        {
            span.End("timeout", "something that it depends on has not arrived");
            _journal?.End("timeout", "not on disk after a long time");
        }

        return isLate || (IsApplied && _isJournaled && _journal is not { HasEnded: false });
    }
}
