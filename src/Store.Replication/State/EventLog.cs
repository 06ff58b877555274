using Gossipdb.Crdt.Causality;
using Nito.Collections;

namespace Gossipdb.Replication.State;

/// <summary>
/// The events a replica has applied, in the order it applied them. That order is causal. So a peer can apply what its clock lacks as it
/// comes, when the log sends it in this order.
/// <para>The log is bounded in bytes. Past the bound it forgets the oldest events. A peer that lacks a forgotten event takes an image
/// instead.</para>
/// </summary>
internal sealed class EventLog(long maxBytes = long.MaxValue)
{
    private readonly record struct Entry(Dot Last, byte[] Encoded);

    private readonly Deque<Entry> _entries = new();

    // The positions of each origin's events. They ascend, and so do the sequences. Positions count all events ever appended.
    private readonly Dictionary<ReplicaId, Deque<long>> _byOrigin = [];
    private readonly VersionVector _forgotten = new();
    private long _forgottenCount;

    /// <summary>How many events are held.</summary>
    public int Count => _entries.Count;

    /// <summary>The bytes of all events held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends an applied event.</summary>
    public void Append(ReplicaEvent applied)
    {
        if (!_byOrigin.TryGetValue(applied.Origin, out var positions)) _byOrigin.Add(applied.Origin, positions = new Deque<long>());
        positions.AddToBack(_forgottenCount + _entries.Count);
        _entries.AddToBack(new Entry(applied.Last, applied.Encoded));
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
        foreach (var (origin, positions) in _byOrigin) latest.Advance(origin, At(positions[^1]).Last.Sequence);
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
        foreach (var (origin, positions) in _byOrigin)
        {
            for (var i = FirstAbove(positions, clock[origin]); i < positions.Count; i++)
            {
                missing += At(positions[i]).Encoded.Length;
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
        _byOrigin.Clear();
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
        var cursors = new List<(Deque<long> Positions, int Next)>();
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
            var (last, encoded) = At(positions[next]);
            if (upTo?.Contains(last) == false) return false;
            if (into.Count > 0 && bytes + encoded.Length > maxBytes) return true;
            into.Add(encoded);
            bytes += encoded.Length;
            reached?.Advance(last.Replica, last.Sequence);
            if (next + 1 < positions.Count) cursors[lowest] = (positions, next + 1);
            else cursors.RemoveAt(lowest);
        }

        return false;
    }

    private Entry At(long position) => _entries[(int)(position - _forgottenCount)];

    private void ForgetOldest()
    {
        var oldest = _entries.RemoveFromFront();
        _forgottenCount++;
        Bytes -= oldest.Encoded.Length;
        _forgotten.Advance(oldest.Last.Replica, oldest.Last.Sequence);
        var positions = _byOrigin[oldest.Last.Replica];
        positions.RemoveFromFront();
        if (positions.Count == 0) _byOrigin.Remove(oldest.Last.Replica);
    }

    private int FirstAbove(Deque<long> positions, long sequence)
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
