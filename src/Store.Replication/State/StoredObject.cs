using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// The state of one (key, type), with what the replica knows of its history: its creations and its last changes. The last changes are those
/// that no other change of the object has seen. A clock that covers them has seen every change of the object.
/// <para>A creation is observed and removed like an element of an add-wins set. A change that saw nothing there creates the object anew. A
/// deletion removes the creations it saw. So once a deletion is stable, what is left of the object says nothing that is needed, and is
/// dropped.</para>
/// <para>There are many objects, and nearly always one creation and one last change. These are kept inline.</para>
/// </summary>
public class StoredObject
{
    private protected readonly record struct Creation(HybridTimestamp At, Dot By) : IComparable<Creation>
    {
        public bool IsNone => By.Sequence == 0;

        public int CompareTo(Creation other) => At.CompareTo(other.At) is var byTime && byTime != 0 ? byTime : By.CompareTo(other.By);
    }

    /// <summary>What few objects have. Each part is null where it is not needed.</summary>
    private protected sealed class Rare
    {
        public Creation[]? Creations { get; set; }
        public Dot[]? LastChange { get; set; }

        /// <summary>The key's other objects, in ascending order of type. Its first object has them.</summary>
        public StoredObject[]? Others { get; set; }
    }

    private Creation _creation;
    private Dot _lastChange;
    private protected Rare? _rare;

    /// <summary>An object of which nothing is known yet.</summary>
    private protected StoredObject() => State = null!;

    /// <summary>An object without a history.</summary>
    public StoredObject(Crdt.Crdt state) => State = state;

    /// <summary>The state, at the replica's clock.</summary>
    public Crdt.Crdt State { get; private protected set; }

    /// <summary>
    /// The timestamp of the earliest creation that stands, by (timestamp, dot). It is zero where none stands, because a change outlived a
    /// concurrent deletion.
    /// </summary>
    public HybridTimestamp CreatedAt => First.At;

    /// <summary>The dot of that event.</summary>
    public Dot CreatedBy => First.By;

    /// <summary>The last changes: one dot, or several concurrent ones.</summary>
    public ReadOnlySpan<Dot> LastChange =>
        _rare?.LastChange is { } several ? several : _lastChange.Sequence == 0 ? [] : new ReadOnlySpan<Dot>(ref _lastChange);

    private ReadOnlySpan<Creation> Creations =>
        _rare?.Creations is { } several ? several : _creation.IsNone ? [] : new ReadOnlySpan<Creation>(ref _creation);

    private Creation First
    {
        get
        {
            Creation first = default;
            foreach (var creation in Creations)
                if (first.IsNone || creation.CompareTo(first) < 0) first = creation;
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
    internal void JoinObject(VersionVector clock, StoredObject? other, VersionVector otherClock)
    {
        State.Join(clock, other?.State ?? Crdt.Crdt.Bottom(State.Type), otherClock);
        ReadOnlySpan<Creation> theirCreations = other is null ? [] : other.Creations;
        var creations = new List<Creation>(2);
        foreach (var creation in Creations)
            if (!otherClock.Contains(creation.By) || theirCreations.Contains(creation)) creations.Add(creation);
        foreach (var creation in theirCreations)
            if (!clock.Contains(creation.By)) creations.Add(creation);
        Set([.. creations]);
        if (other is null) return;

        // The other side's last changes stand for all that its clock covers. Of the last changes here, those it has not seen stay.
        var last = new List<Dot>(2);
        foreach (var dot in LastChange)
            if (!otherClock.Contains(dot) || other.LastChange.Contains(dot)) last.Add(dot);
        foreach (var dot in other.LastChange)
            if (!clock.Contains(dot)) last.Add(dot);
        Set([.. last]);
    }

    /// <summary>True where <paramref name="clock"/> has seen every change of the object.</summary>
    internal bool IsSeenAt(ClockView clock)
    {
        foreach (var dot in LastChange)
            if (!clock.Contains(dot)) return false;
        return true;
    }

    /// <summary>Whether this object was created before <paramref name="other"/>, by (timestamp, dot).</summary>
    public bool WasCreatedBefore(StoredObject other) => First.CompareTo(other.First) < 0;

    /// <summary>
    /// Writes creations, last changes and state. Where the type can tell, only what changed above <paramref name="since"/>.
    /// </summary>
    internal void EncodeObject(ByteWriter writer, VersionVector since)
    {
        writer.WriteVarint((ulong)Creations.Length);
        foreach (var creation in Creations)
        {
            writer.WriteFixed64((ulong)creation.At.Value);
            writer.WriteDot(creation.By);
        }

        writer.WriteVarint((ulong)LastChange.Length);
        foreach (var dot in LastChange) writer.WriteDot(dot);
        (since.Count == 0 ? State : State.DeltaSince(since)).Encode(writer);
    }

    /// <summary>Becomes what <see cref="EncodeObject"/> wrote.</summary>
    internal void DecodeObject(ref ByteReader reader)
    {
        var creations = new Creation[reader.ReadCount(minimumBytesEach: 17)];
        for (var i = 0; i < creations.Length; i++)
            creations[i] = new Creation(new HybridTimestamp((long)reader.ReadFixed64()), reader.ReadDot());
        Set(creations);
        var lastChange = new Dot[reader.ReadCount(minimumBytesEach: 9)];
        for (var i = 0; i < lastChange.Length; i++) lastChange[i] = reader.ReadDot();
        Set(lastChange);
        State = Crdt.Crdt.Decode(ref reader);
    }

    private void NoteKind(ChangeKind kind, ReplicaEvent source, VersionVector seen)
    {
        var isCreation = kind == ChangeKind.Create;
        var standing = 0;
        foreach (var creation in Creations)
            if (!seen.Contains(creation.By)) standing++;
        var made = isCreation ? new Creation(source.Timestamp, source.First) : default;
        if (standing == 0)
        {
            Set(in made);
            return;
        }

        var next = new Creation[standing + (isCreation ? 1 : 0)];
        var count = 0;
        foreach (var creation in Creations)
            if (!seen.Contains(creation.By)) next[count++] = creation;
        if (isCreation) next[count] = made;
        Set(next);
    }

    private void NoteChange(Dot last, VersionVector seen)
    {
        var keep = 0;
        foreach (var dot in LastChange)
            if (!seen.Contains(dot)) keep++;
        if (keep == 0)
        {
            Set(in last);
            return;
        }

        var next = new Dot[keep + 1];
        foreach (var dot in LastChange)
            if (!seen.Contains(dot)) next[--keep] = dot;
        next[^1] = last;
        Set(next);
    }

    private void Set(in Creation only)
    {
        _creation = only;
        if (_rare is not { Creations: not null }) return;
        _rare.Creations = null;
        DropRare();
    }

    private void Set(in Dot only)
    {
        _lastChange = only;
        if (_rare is not { LastChange: not null }) return;
        _rare.LastChange = null;
        DropRare();
    }

    private void Set(Creation[] creations)
    {
        if (creations.Length > 1) (_rare ??= new Rare()).Creations = creations;
        else Set(creations.Length == 0 ? default(Creation) : creations[0]);
    }

    private void Set(Dot[] dots)
    {
        if (dots.Length > 1) (_rare ??= new Rare()).LastChange = dots;
        else Set(dots.Length == 0 ? default(Dot) : dots[0]);
    }

    private void DropRare()
    {
        if (_rare is { Creations: null, LastChange: null, Others: null }) _rare = null;
    }
}
