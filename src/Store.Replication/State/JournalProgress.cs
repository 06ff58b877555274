using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.State;

/// <summary>
/// What was appended to the journal, by position, and how much of it is durable. Records reach the disk in the order they were appended, so
/// "durable up to position k" is a clock.
/// </summary>
internal sealed class JournalProgress
{
    // An event names its dot; another record may raise the clock by more, and may have something to do once it is durable.
    private readonly record struct Waiting(Dot Dot, VersionVector? Clock, JournalContinuation? Then);

    private readonly Queue<Waiting> _waiting = new();
    private readonly VersionVector _durable = new();
    private long _appended;
    private bool _isEnded;

    /// <summary>What the journal is known to hold.</summary>
    public ClockView Durable => _durable;

    /// <summary>How many records wait to become durable.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>What is to be done once records that wait are durable, in their order.</summary>
    public IEnumerable<JournalContinuation> Pending
    {
        get
        {
            foreach (var waiting in _waiting)
                if (waiting.Then is { } continuation) yield return continuation;
        }
    }

    /// <summary>
    /// The journal takes nothing more in this incarnation: nothing that waits becomes durable, and nothing more is kept to wait.
    /// </summary>
    public void End()
    {
        _isEnded = true;
        _waiting.Clear();
    }

    /// <summary>Notes an event that is appended.</summary>
    /// <returns>Its position, counted from 1: what <see cref="MarkDurable"/> takes.</returns>
    public long Append(Dot last) => Append(new Waiting(last, null, null));

    /// <summary>Notes another record that is appended.</summary>
    /// <param name="clock">What the journal covers once it is durable, or null.</param>
    /// <param name="then">What to do then, or null.</param>
    public long Append(VersionVector? clock, JournalContinuation? then) => Append(new Waiting(default, clock, then));

    /// <summary>
    /// Other nodes hold durably what a clock covers, and this journal need not: what a fallback node is told of its owners.
    /// </summary>
    public void MarkHeldElsewhere(ClockView clock) => _durable.Merge(clock);

    /// <summary>
    /// Everything up to <paramref name="position"/> is durable. Where a record has something to do then, it stops there, so that it is
    /// done before anything behind it counts: call it again until it returns null.
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
