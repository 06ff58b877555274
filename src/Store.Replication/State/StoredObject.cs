using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// The state of one (key, type), with what the replica knows of its history: its creations and its last changes. The last changes are those
/// that no other change of the object has seen. A clock that covers them has seen every change of the object.
/// <para>A creation is observed and removed like an element of an add-wins set. A change that saw nothing there creates the object anew. A
/// deletion removes the creations it saw. So once a deletion is stable, what is left of the object says nothing that is needed, and is
/// dropped.</para>
/// </summary>
public sealed class StoredObject(Crdt.Crdt state)
{
    private readonly record struct Creation(HybridTimestamp At, Dot By) : IComparable<Creation>
    {
        public int CompareTo(Creation other) => At.CompareTo(other.At) is var byTime && byTime != 0 ? byTime : By.CompareTo(other.By);
    }

    private Creation[] _creations = [];
    private Dot[] _lastChange = [];

    /// <summary>The state, at the replica's clock.</summary>
    public Crdt.Crdt State { get; } = state;

    /// <summary>
    /// The timestamp of the earliest creation that stands, by (timestamp, dot). It is zero where none stands, because a change outlived a
    /// concurrent deletion.
    /// </summary>
    public HybridTimestamp CreatedAt => First.At;

    /// <summary>The dot of that event.</summary>
    public Dot CreatedBy => First.By;

    /// <summary>The last changes: one dot, or several concurrent ones.</summary>
    public ReadOnlySpan<Dot> LastChange => _lastChange;

    private Creation First
    {
        get
        {
            if (_creations.Length == 0) return default;
            var first = _creations[0];
            foreach (var creation in _creations)
                if (creation.CompareTo(first) < 0) first = creation;
            return first;
        }
    }

    /// <summary>
    /// Joins a change of an event into the state at <paramref name="clock"/>. The event's whole clock is <paramref name="seen"/>.
    /// </summary>
    internal void Join(in KeyChange change, ReplicaEvent source, VersionVector seen, VersionVector clock)
    {
        State.Join(clock, change.Delta, seen);
        if (change.Kind != ChangeKind.Update) NoteKind(change.Kind, source, seen);
        NoteChange(source.Last, seen);
    }

    /// <summary>Joins another replica's object of the same key and type. Null stands for none.</summary>
    public void Join(VersionVector clock, StoredObject? other, VersionVector otherClock)
    {
        State.Join(clock, other?.State ?? Crdt.Crdt.Bottom(State.Type), otherClock);
        Creation[] theirCreations = other?._creations ?? [];
        var creations = new List<Creation>(_creations.Length + 1);
        foreach (var creation in _creations)
            if (!otherClock.Contains(creation.By) || Array.IndexOf(theirCreations, creation) >= 0) creations.Add(creation);
        foreach (var creation in theirCreations)
            if (!clock.Contains(creation.By)) creations.Add(creation);
        _creations = [.. creations];
        if (other is null) return;

        // The other side's last changes stand for all that its clock covers. Of the last changes here, those it has not seen stay.
        var last = new List<Dot>(other._lastChange.Length + 1);
        foreach (var dot in _lastChange)
            if (!otherClock.Contains(dot) || Array.IndexOf(other._lastChange, dot) >= 0) last.Add(dot);
        foreach (var dot in other._lastChange)
            if (!clock.Contains(dot)) last.Add(dot);
        _lastChange = [.. last];
    }

    /// <summary>True where <paramref name="clock"/> has seen every change of the object.</summary>
    public bool IsCoveredBy(ClockView clock)
    {
        foreach (var dot in _lastChange)
            if (!clock.Contains(dot)) return false;
        return true;
    }

    /// <summary>Whether this object was created before <paramref name="other"/>, by (timestamp, dot).</summary>
    public bool WasCreatedBefore(StoredObject other) => First.CompareTo(other.First) < 0;

    /// <summary>
    /// Writes creations, last changes and state. Where the type can tell, only what changed above <paramref name="since"/>.
    /// </summary>
    public void Encode(ByteWriter writer, VersionVector since)
    {
        writer.WriteVarint((ulong)_creations.Length);
        foreach (var creation in _creations)
        {
            writer.WriteFixed64((ulong)creation.At.Value);
            writer.WriteDot(creation.By);
        }

        writer.WriteVarint((ulong)_lastChange.Length);
        foreach (var dot in _lastChange) writer.WriteDot(dot);
        (since.Count == 0 ? State : State.DeltaSince(since)).Encode(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static StoredObject Decode(ref ByteReader reader)
    {
        var creations = new Creation[reader.ReadCount(minimumBytesEach: 17)];
        for (var i = 0; i < creations.Length; i++)
            creations[i] = new Creation(new HybridTimestamp((long)reader.ReadFixed64()), reader.ReadDot());
        var lastChange = new Dot[reader.ReadCount(minimumBytesEach: 9)];
        for (var i = 0; i < lastChange.Length; i++) lastChange[i] = reader.ReadDot();
        return new StoredObject(Crdt.Crdt.Decode(ref reader)) { _creations = creations, _lastChange = lastChange };
    }

    private void NoteKind(ChangeKind kind, ReplicaEvent source, VersionVector seen)
    {
        var standing = Array.FindAll(_creations, creation => !seen.Contains(creation.By));
        _creations = kind == ChangeKind.Create ? [.. standing, new Creation(source.Timestamp, source.First)] : standing;
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
}
