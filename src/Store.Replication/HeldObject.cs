using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>
/// One object with what the replica knows of its history: the earliest event that made it, and its last change per origin, as
/// the antichain of events no other change of the object has seen. A clock that covers those has seen every change of the object.
/// </summary>
public sealed class HeldObject(Crdt.Crdt state)
{
    /// <summary>The state, at the replica's clock.</summary>
    public Crdt.Crdt State { get; } = state;

    /// <summary>The timestamp of the earliest event on the object, by (timestamp, dot).</summary>
    public HybridTimestamp CreatedAt { get; private set; }

    /// <summary>The dot of that event; its sequence is 0 before the first event.</summary>
    public Dot CreatedBy { get; private set; }

    /// <summary>The last changes: one dot, or several concurrent ones.</summary>
    public ReadOnlySpan<Dot> LastChange => _lastChange;

    private Dot[] _lastChange = [];

    /// <summary>Joins an event's delta.</summary>
    public void Join(Crdt.Crdt delta, ReplicaEvent source, VersionVector clock)
    {
        State.Join(clock, delta, source.Clock);
        NoteCreation(source.Timestamp, source.First);
        NoteChange(source.Last, source.Clock);
    }

    /// <summary>Joins another replica's object of the same key and type.</summary>
    public void Join(VersionVector clock, HeldObject other, VersionVector otherClock)
    {
        State.Join(clock, other.State, otherClock);
        if (other.CreatedBy.Sequence > 0) NoteCreation(other.CreatedAt, other.CreatedBy);

        // The other side's last changes stand for all its clock covers; of these here, what it has not seen stays.
        var last = new List<Dot>(other._lastChange.Length + 1);
        foreach (var dot in _lastChange)
            if (!otherClock.Contains(dot) || Array.IndexOf(other._lastChange, dot) >= 0) last.Add(dot);
        foreach (var dot in other._lastChange)
            if (!clock.Contains(dot)) last.Add(dot);
        _lastChange = [.. last];
    }

    /// <summary>True where <paramref name="clock"/> has seen every change of the object.</summary>
    public bool IsCoveredBy(VersionVector clock)
    {
        foreach (var dot in _lastChange)
            if (!clock.Contains(dot)) return false;
        return true;
    }

    /// <summary>Whether this object was created before <paramref name="other"/>, by (timestamp, dot).</summary>
    public bool WasCreatedBefore(HeldObject other) => Precedes(CreatedAt, CreatedBy, other.CreatedAt, other.CreatedBy);

    /// <summary>Writes creation, last changes and state (only what changed above <paramref name="since"/> where the type can tell).</summary>
    public void Encode(ByteWriter writer, VersionVector since)
    {
        writer.WriteFixed64((ulong)CreatedAt.Value);
        writer.WriteReplicaId(CreatedBy.Replica);
        writer.WriteVarint((ulong)CreatedBy.Sequence);
        writer.WriteVarint((ulong)_lastChange.Length);
        foreach (var dot in _lastChange) writer.WriteDot(dot);
        (since.Count == 0 ? State : State.DeltaSince(since)).Encode(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static HeldObject Decode(ref ByteReader reader)
    {
        var createdAt = new HybridTimestamp((long)reader.ReadFixed64());
        var createdBy = new Dot(reader.ReadReplicaId(), (long)reader.ReadVarint());
        var lastChange = new Dot[reader.ReadCount(minimumBytesEach: 9)];
        for (var i = 0; i < lastChange.Length; i++) lastChange[i] = reader.ReadDot();
        return new HeldObject(Crdt.Crdt.Decode(ref reader)) { CreatedAt = createdAt, CreatedBy = createdBy, _lastChange = lastChange };
    }

    private void NoteCreation(HybridTimestamp at, Dot by)
    {
        if (CreatedBy.Sequence > 0 && !Precedes(at, by, CreatedAt, CreatedBy)) return;
        CreatedAt = at;
        CreatedBy = by;
    }

    private void NoteChange(Dot last, VersionVector seen)
    {
        var keep = 0;
        foreach (var dot in _lastChange)
            if (!seen.Contains(dot)) keep++;
        if (keep == 0 && _lastChange.Length == 1)
        {
            _lastChange[0] = last;
            return;
        }

        var next = new Dot[keep + 1];
        foreach (var dot in _lastChange)
            if (!seen.Contains(dot)) next[--keep] = dot;
        next[^1] = last;
        _lastChange = next;
    }

    private static bool Precedes(HybridTimestamp at, Dot by, HybridTimestamp otherAt, Dot otherBy)
    {
        var byTime = at.CompareTo(otherAt);
        return byTime != 0 ? byTime < 0 : by.CompareTo(otherBy) < 0;
    }
}
