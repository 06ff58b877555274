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
    private long _bytes;

    /// <summary>How many events wait.</summary>
    public int Count => _events.Count;

    /// <summary>How many were applied in the end.</summary>
    public long Applied { get; private set; }

    /// <summary>How many could not be applied, or not be kept.</summary>
    public long Lost { get; private set; }

    /// <summary>Keeps an event.</summary>
    public void Add(ReplicaEvent intact)
    {
        if (_bytes + intact.Encoded.Length > maxBytes)
        {
            Lost++;
            return;
        }

        _events.Add(intact);
        _bytes += intact.Encoded.Length;
    }

    /// <summary>Forgets what a clock covers.</summary>
    public void DropCovered(ClockView clock)
    {
        for (var i = _events.Count - 1; i >= 0; i--)
            if (clock.Contains(_events[i].Last)) RemoveAt(i);
    }

    /// <summary>Takes out the first event that can be applied at a clock; null where there is none.</summary>
    public ReplicaEvent? TakeApplicable(ClockView clock)
    {
        for (var i = 0; i < _events.Count; i++)
        {
            if (!_events[i].IsApplicableAt(clock)) continue;
            var applicable = _events[i];
            RemoveAt(i);
            Applied++;
            return applicable;
        }

        return null;
    }

    /// <summary>An event that was taken out cannot be applied after all.</summary>
    public void NoteLost() => (Applied, Lost) = (Applied - 1, Lost + 1);

    /// <summary>What waits is lost.</summary>
    public void GiveUp()
    {
        Lost += _events.Count;
        Clear();
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _events.Clear();
        _bytes = 0;
    }

    private void RemoveAt(int index)
    {
        _bytes -= _events[index].Encoded.Length;
        _events.RemoveAt(index);
    }
}
