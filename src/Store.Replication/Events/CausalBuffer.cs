using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Events;

/// <summary>
/// Events that arrived before what they depend on (the delay queue of causal broadcast; Birman, Schiper, Stephenson, "Lightweight causal
/// and atomic group multicast", 1991). It is a cache, bounded in bytes: buffered events are never acked. An event that does not fit is
/// dropped, and fetched when its turn comes.
/// </summary>
internal sealed class CausalBuffer(long maxBytes)
{
    private readonly SortedDictionary<ReplicaId, SortedDictionary<long, ReplicaEvent>> _byOrigin = [];
    private long _bytes;

    /// <summary>How many events are buffered.</summary>
    public int Count { get; private set; }

    /// <summary>Keeps an event, once.</summary>
    /// <returns>False where it did not fit.</returns>
    public bool TryAdd(ReplicaEvent early)
    {
        if (!_byOrigin.TryGetValue(early.Origin, out var events)) _byOrigin.Add(early.Origin, events = []);
        if (events.ContainsKey(early.First.Sequence)) return true;
        if (_bytes + early.Encoded.Length > maxBytes) return false;
        events.Add(early.First.Sequence, early);
        _bytes += early.Encoded.Length;
        Count++;
        return true;
    }

    /// <summary>
    /// Takes out an event that can be applied at <paramref name="clock"/>; null where there is none. Drops the events that the clock covers
    /// by now.
    /// </summary>
    public ReplicaEvent? TakeApplicable(ClockView clock)
    {
        if (Count == 0) return null;
        foreach (var events in _byOrigin.Values)
        {
            while (events.Count > 0)
            {
                var first = First(events);
                var covered = clock.Contains(first.Last);
                if (!covered && !first.IsApplicableAt(clock)) break;
                events.Remove(first.First.Sequence);
                _bytes -= first.Encoded.Length;
                Count--;
                if (!covered) return first;
            }
        }

        return null;
    }

    /// <summary>Drops the events of an incarnation that has ended. Where others have them, they come from there.</summary>
    public void Drop(ReplicaId origin)
    {
        if (!_byOrigin.Remove(origin, out var events)) return;
        foreach (var early in events.Values) _bytes -= early.Encoded.Length;
        Count -= events.Count;
    }

    /// <summary>Drops all that is buffered.</summary>
    public void Clear()
    {
        _byOrigin.Clear();
        _bytes = 0;
        Count = 0;
    }

    private static ReplicaEvent First(SortedDictionary<long, ReplicaEvent> events)
    {
        using var enumerator = events.GetEnumerator();
        enumerator.MoveNext();
        return enumerator.Current.Value;
    }
}
