using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// The events a replica has applied, in the order it applied them, which is a causal order: any prefix is causally closed, and
/// what a clock lacks, read in this order, can be applied as it comes. The journal holds the same order, so "durable up to position k" is a clock too.
/// </summary>
public sealed class EventLog
{
    private readonly record struct Entry(Dot Last, byte[] Encoded);

    private readonly List<Entry> _entries = [];

    // Positions of each origin's events, ascending in position and in sequence alike.
    private readonly Dictionary<ReplicaId, List<int>> _byOrigin = [];
    private int _durableCount;

    /// <summary>How many events are held.</summary>
    public int Count => _entries.Count;

    /// <summary>The bytes of all events held.</summary>
    public long Bytes { get; private set; }

    /// <summary>What the journal is known to hold.</summary>
    public VersionVector DurableClock { get; } = new();

    /// <summary>Appends an applied event.</summary>
    /// <returns>Its position, counted from 1: what <see cref="MarkDurable"/> takes.</returns>
    public long Append(ReplicaEvent applied)
    {
        if (!_byOrigin.TryGetValue(applied.Origin, out var positions)) _byOrigin.Add(applied.Origin, positions = []);
        positions.Add(_entries.Count);
        _entries.Add(new Entry(applied.Last, applied.Encoded));
        Bytes += applied.Encoded.Length;
        return _entries.Count;
    }

    /// <summary>Raises the durable clock to what the log held at <paramref name="position"/>.</summary>
    public void MarkDurable(long position)
    {
        for (; _durableCount < position; _durableCount++)
        {
            var last = _entries[_durableCount].Last;
            DurableClock.Advance(last.Replica, last.Sequence);
        }
    }

    /// <summary>
    /// Collects events that <paramref name="clock"/> does not cover, in causal order, until <paramref name="maxBytes"/> are reached (at least one event).
    /// </summary>
    /// <returns>True where more events are missing than were collected.</returns>
    public bool CollectMissing(VersionVector clock, int maxBytes, List<byte[]> into)
    {
        // One cursor per origin that has something to send; the lowest position goes next.
        var cursors = new List<(List<int> Positions, int Next)>();
        foreach (var (origin, positions) in _byOrigin)
        {
            var next = FirstAbove(positions, clock[origin]);
            if (next < positions.Count) cursors.Add((positions, next));
        }

        var bytes = 0;
        while (cursors.Count > 0)
        {
            var lowest = 0;
            for (var i = 1; i < cursors.Count; i++)
                if (cursors[i].Positions[cursors[i].Next] < cursors[lowest].Positions[cursors[lowest].Next]) lowest = i;
            var (positions, next) = cursors[lowest];
            var encoded = _entries[positions[next]].Encoded;
            if (into.Count > 0 && bytes + encoded.Length > maxBytes) return true;
            into.Add(encoded);
            bytes += encoded.Length;
            if (next + 1 < positions.Count) cursors[lowest] = (positions, next + 1);
            else cursors.RemoveAt(lowest);
        }

        return false;
    }

    private int FirstAbove(List<int> positions, long sequence)
    {
        int low = 0, high = positions.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[positions[middle]].Last.Sequence > sequence) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
