using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.State;

/// <summary>
/// The records appended to the journal, by position, and how many of them are durable. Records reach the disk in the order they were
/// appended. So "durable up to position k" is a clock.
/// </summary>
internal sealed class JournalProgress
{
    // An event names its dot. Another record may raise the clock by more, and may have a continuation for when it is durable.
    private readonly record struct Waiting(Dot Dot, VersionVector? Clock, JournalContinuation? Then);

    private readonly Queue<Waiting> _waiting = new();
    private readonly VersionVector _durable = new();
    private long _appended;
    private bool _isEnded;

    /// <summary>What the journal is known to hold.</summary>
    public ClockView Durable => _durable;

    /// <summary>How many records are not durable yet.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>The continuations of records that are not durable yet, in their order.</summary>
    public IEnumerable<JournalContinuation> Pending
    {
        get
        {
            foreach (var waiting in _waiting)
                if (waiting.Then is { } continuation) yield return continuation;
        }
    }

    /// <summary>
    /// The journal takes nothing more in this incarnation. What is not durable yet never will be, and nothing more is kept to wait.
    /// </summary>
    public void End()
    {
        _isEnded = true;
        _waiting.Clear();
    }

    /// <summary>Notes an event that is appended.</summary>
    /// <returns>Its position, counted from 1. <see cref="MarkDurable"/> takes it.</returns>
    public long Append(Dot last) => Append(new Waiting(last, null, null));

    /// <summary>Notes another record that is appended.</summary>
    /// <param name="clock">What the journal covers once it is durable, or null.</param>
    /// <param name="then">What to do then, or null.</param>
    public long Append(VersionVector? clock, JournalContinuation? then) => Append(new Waiting(default, clock, then));

    /// <summary>
    /// Other nodes hold durably what a clock covers, so this journal need not. A fallback node learns this of its owners.
    /// </summary>
    public void MarkHeldElsewhere(ClockView clock) => _durable.Merge(clock);

    /// <summary>
    /// Notes that everything up to <paramref name="position"/> is durable. It stops at a record with a continuation and returns that. The
    /// continuation must be carried out before anything behind it counts. Call this again until it returns null.
    /// </summary>
    public JournalContinuation? MarkDurable(long position)
    {
        while (!_isEnded && _appended - _waiting.Count < position && _waiting.TryDequeue(out var durable))
        {
            if (durable.Clock is not null) _durable.Merge(durable.Clock);
            else _durable.Advance(durable.Dot.Replica, durable.Dot.Sequence);
            if (durable.Then is not null) return durable.Then;
        }

        return null;
    }

    private long Append(Waiting record)
    {
        if (!_isEnded) _waiting.Enqueue(record);
        return ++_appended;
    }
}
