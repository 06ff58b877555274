using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.State;

/// <summary>
/// Events of a damaged journal that are intact themselves, while something that they depend on is damaged. Perhaps nobody else has them.
/// They are applied once other owners have brought what is missing. A gap is never skipped: what still cannot be applied once all owners
/// have been heard is lost, and counted.
/// </summary>
/// <param name="maxBytes">The most bytes kept. What comes after is left in the journal.</param>
internal sealed class SalvagedEvents(long maxBytes)
{
    private readonly List<ReplicaEvent> _events = [];
    private readonly VersionVector _unkeptUpTo = new();
    private int _unkept;
    private long _bytes;

    /// <summary>How many events wait.</summary>
    public int Count => _events.Count;

    /// <summary>True where none waits, and none that could not be kept may be missing.</summary>
    public bool IsEmpty => _events.Count + _unkept == 0;

    /// <summary>How many were applied in the end.</summary>
    public long Applied { get; private set; }

    /// <summary>How many could not be applied, or not be kept: of the latter some may have come from others after all.</summary>
    public long Lost { get; private set; }

    /// <summary>Keeps an event. They come in the journal's order.</summary>
    public void Add(ReplicaEvent intact)
    {
        if (_bytes + intact.Encoded.Length > maxBytes)
        {
            _unkept++;
            _unkeptUpTo.Advance(intact.Last.Replica, intact.Last.Sequence);
            return;
        }

        _events.Add(intact);
        _bytes += intact.Encoded.Length;
    }

    /// <summary>Forgets what a clock covers.</summary>
    public void DropCovered(ClockView clock) => Pass(clock, apply: null);

    /// <summary>
    /// Takes out, in the journal's order, what can be applied by then, and forgets what the clock covers. What an event depends on comes
    /// before it in the journal: so one pass is enough.
    /// </summary>
    /// <param name="clock">The clock of the state, which advances as events are applied.</param>
    /// <param name="apply">Applies one; false where that cannot be any more.</param>
    public void Apply(ClockView clock, Func<ReplicaEvent, bool> apply) => Pass(clock, apply);

    /// <summary>What waits is lost.</summary>
    public void GiveUp()
    {
        Lost += _events.Count + _unkept;
        Clear();
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _events.Clear();
        (_bytes, _unkept) = (0, 0);
    }

    private void Pass(ClockView clock, Func<ReplicaEvent, bool>? apply)
    {
        if (_unkept > 0 && clock.Covers(_unkeptUpTo)) _unkept = 0;
        var kept = 0;
        for (var i = 0; i < _events.Count; i++)
        {
            var next = _events[i];
            if (clock.Contains(next.Last))
            {
                _bytes -= next.Encoded.Length;
            }
            else if (apply is null || !next.IsApplicableAt(clock))
            {
                _events[kept++] = next;
            }
            else
            {
                _bytes -= next.Encoded.Length;
                if (apply(next)) Applied++;
                else Lost++;
            }
        }

        _events.RemoveRange(kept, _events.Count - kept);
    }
}
