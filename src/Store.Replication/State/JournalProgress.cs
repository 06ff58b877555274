using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.State;

/// <summary>
/// What was appended to the journal, by position, and how much of it is durable. Records reach the disk in the order they were appended, so
/// "durable up to position k" is a clock.
/// </summary>
internal sealed class JournalProgress
{
    // An event names its dot; another record may raise the clock by more, and may have something to do once it is durable.
    private readonly record struct Waiting(Dot Dot, VersionVector? Clock, Action? Done);

    private readonly Queue<Waiting> _waiting = new();
    private long _appended;
    private bool _isEnded;

    /// <summary>What the journal is known to hold.</summary>
    public VersionVector DurableClock { get; } = new();

    /// <summary>How many records wait to become durable.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>
    /// The journal takes nothing more in this life: nothing that waits becomes durable, and nothing more is kept to wait.
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
    /// <param name="done">What to do then, or null.</param>
    public long Append(VersionVector? clock, Action? done) => Append(new Waiting(default, clock, done));

    /// <summary>Everything up to <paramref name="position"/> is durable.</summary>
    public void MarkDurable(long position)
    {
        while (!_isEnded && _appended - _waiting.Count < position && _waiting.TryDequeue(out var durable))
        {
            if (durable.Clock is not null) DurableClock.Merge(durable.Clock);
            else DurableClock.Advance(durable.Dot.Replica, durable.Dot.Sequence);
            durable.Done?.Invoke();
        }
    }

    private long Append(Waiting record)
    {
        if (!_isEnded) _waiting.Enqueue(record);
        return ++_appended;
    }
}
