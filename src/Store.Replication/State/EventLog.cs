using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.State;

/// <summary>
/// The events a replica has applied, in the order it applied them. That order is causal. So a peer can apply what its clock lacks as it
/// comes, when the log sends it in this order.
/// <para>The log is bounded in bytes. Past the bound it forgets the oldest events. A peer that lacks a forgotten event takes an image
/// instead.</para>
/// <para>Small events are copied into the log's own arrays (<see cref="PackedBytes"/>), and copied again for whoever lacks them, which is
/// rare. So what the journal and the peers have done with can go at once, and a full log makes no objects. A large event's bytes are shared
/// with them.</para>
/// </summary>
internal sealed class EventLog(long maxBytes = long.MaxValue)
{
    // The longest event that is copied.
    private const int SmallEvent = 1024;

    private readonly record struct Entry(Dot Last, ArraySegment<byte> Encoded)
    {
        public bool IsPacked => Encoded.Count <= SmallEvent;
    }

    // The positions of one origin's events. They ascend, and so do the sequences. Positions count all events ever appended.
    private sealed class Origin(ReplicaId id)
    {
        public ReplicaId Id => id;
        public Ring<long> Positions { get; } = new();
    }

    private readonly Ring<Entry> _entries = new();
    private readonly PackedBytes _packed = new();

    // There are few: the owners, and what is left of their earlier incarnations.
    private readonly List<Origin> _origins = [];
    private readonly VersionVector _forgotten = new();
    private long _forgottenCount;

    /// <summary>How many events are held.</summary>
    public int Count => _entries.Count;

    /// <summary>The bytes of all events held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends an applied event.</summary>
    public void Append(ReplicaEvent applied)
    {
        OriginOf(applied.Origin).Positions.Add(_forgottenCount + _entries.Count);
        _entries.Add(new Entry(applied.Last, applied.Encoded.Length <= SmallEvent ? _packed.Add(applied.Encoded) : applied.Encoded));
        Bytes += applied.Encoded.Length;
        while (Bytes > maxBytes && _entries.Count > 1) ForgetOldest();
    }

    /// <summary>True where everything that <paramref name="clock"/> lacks is held.</summary>
    public bool ReachesBackTo(ClockView clock) => clock.Covers(_forgotten);

    /// <summary>A clock of what has been forgotten. Not to be changed.</summary>
    public VersionVector Forgotten => _forgotten;

    /// <summary>The last event of each origin that is held.</summary>
    public VersionVector Latest()
    {
        var latest = new VersionVector();
        foreach (var origin in _origins) latest.Advance(origin.Id, At(origin.Positions[origin.Positions.Count - 1]).Last.Sequence);
        return latest;
    }

    /// <summary>
    /// True where <paramref name="clock"/> lacks more than <paramref name="maxBytes"/> of the events held, or lacks one that was forgotten.
    /// </summary>
    public bool IsBehindByMoreThan(ClockView clock, long maxBytes)
    {
        if (!ReachesBackTo(clock)) return true;
        if (Bytes <= maxBytes) return false;
        long missing = 0;
        foreach (var origin in _origins)
        {
            for (var i = FirstAbove(origin.Positions, clock[origin.Id]); i < origin.Positions.Count; i++)
            {
                missing += At(origin.Positions[i]).Encoded.Count;
                if (missing > maxBytes) return true;
            }
        }

        return false;
    }

    /// <summary>Forgets events, the oldest first, until one may not be forgotten.</summary>
    public void ForgetWhile(Predicate<Dot> mayForget)
    {
        while (_entries.Count > 0 && mayForget(_entries[0].Last)) ForgetOldest();
    }

    /// <summary>
    /// Forgets all events. The replica's state came by an image at <paramref name="clock"/>, and the events that led to it are not here.
    /// </summary>
    public void StartAt(VersionVector clock)
    {
        _forgottenCount += _entries.Count;
        _entries.Clear();
        _packed.Clear();
        _origins.Clear();
        Bytes = 0;
        _forgotten.Merge(clock);
    }

    /// <summary>
    /// Collects events that <paramref name="clock"/> does not cover, in causal order. Stops before <paramref name="maxBytes"/> are
    /// exceeded, but not before the first event.
    /// </summary>
    /// <param name="clock">What is not missing.</param>
    /// <param name="maxBytes">The most bytes to collect.</param>
    /// <param name="into">Where to.</param>
    /// <param name="reached">Is advanced by what was collected, if given. May be the clock itself.</param>
    /// <param name="upTo">Stops at the first event that this does not cover, if given.</param>
    /// <returns>True where more events could have been collected.</returns>
    public bool CollectMissing(ClockView clock, int maxBytes, List<byte[]> into, VersionVector? reached = null, ClockView? upTo = null)
    {
        // One cursor for each origin that has something to send. The event at the lowest position goes next.
        var cursors = new List<(Ring<long> Positions, int Next)>();
        foreach (var origin in _origins)
        {
            var next = FirstAbove(origin.Positions, clock[origin.Id]);
            if (next < origin.Positions.Count) cursors.Add((origin.Positions, next));
        }

        var bytes = 0;
        while (cursors.Count > 0)
        {
            var lowest = 0;
            for (var i = 1; i < cursors.Count; i++)
                if (cursors[i].Positions[cursors[i].Next] < cursors[lowest].Positions[cursors[lowest].Next]) lowest = i;
            var (positions, next) = cursors[lowest];
            var entry = At(positions[next]);
            var (last, encoded) = (entry.Last, entry.Encoded);
            if (upTo?.Contains(last) == false) return false;
            if (into.Count > 0 && bytes + encoded.Count > maxBytes) return true;
            into.Add(entry.IsPacked ? [.. encoded] : encoded.Array!);
            bytes += encoded.Count;
            reached?.Advance(last.Replica, last.Sequence);
            if (next + 1 < positions.Count) cursors[lowest] = (positions, next + 1);
            else cursors.RemoveAt(lowest);
        }

        return false;
    }

    private ref Entry At(long position) => ref _entries[(int)(position - _forgottenCount)];

    private Origin OriginOf(ReplicaId id)
    {
        foreach (var known in _origins)
            if (known.Id == id) return known;
        var origin = new Origin(id);
        _origins.Add(origin);
        return origin;
    }

    private void ForgetOldest()
    {
        var oldest = _entries.RemoveFirst();
        if (oldest.IsPacked) _packed.DropFirst();
        _forgottenCount++;
        Bytes -= oldest.Encoded.Count;
        _forgotten.Advance(oldest.Last.Replica, oldest.Last.Sequence);
        var origin = OriginOf(oldest.Last.Replica);
        origin.Positions.RemoveFirst();
        if (origin.Positions.Count == 0) _origins.Remove(origin);
    }

    private int FirstAbove(Ring<long> positions, long sequence)
    {
        int low = 0, high = positions.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(positions[middle]).Last.Sequence > sequence) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
