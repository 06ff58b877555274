using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Replication.State;

/// <summary>
/// Everything one key holds: one object of each type, and perhaps an expiry.
/// <para>Almost always there is a single object. So the entry is itself the first object that the key held, and knows the others. Otherwise
/// every key would cost two objects.</para>
/// </summary>
public sealed class KeyEntry : StoredObject
{
    private const int FlagBits = 2;
    private const long CollectionFlag = 1;
    private const long ExpiryFlag = 2;

    // No deadline is that early. It leaves room for the flags.
    private const long NoDeadline = long.MinValue >> FlagBits;

    // The latest deadline, with the flags in its lowest bits: there are many keys.
    private long _deadlineAndFlags = NoDeadline << FlagBits;

    /// <summary>How many objects.</summary>
    public int Count => State is null ? 0 : 1 + Others.Length;

    /// <summary>The objects, in ascending order of type.</summary>
    public ObjectList Objects => new(this);

    /// <summary>
    /// Until when the key lives, in Unix milliseconds. <see cref="Expiry.Never"/> where no life was given. Readers do not see an expired
    /// key.
    /// </summary>
    public long ExpiresAtMs => Find(CrdtType.Expiry)?.State is Register expiry ? Expiry.Of(expiry) : Expiry.Never;

    /// <summary>
    /// The latest deadline of the operations that changed the key, in Unix milliseconds. After it their tags can be dropped.
    /// </summary>
    internal long LatestDeadlineMs
    {
        get => (_deadlineAndFlags >> FlagBits) is var deadline && deadline == NoDeadline ? long.MinValue : deadline;
        set => _deadlineAndFlags = (_deadlineAndFlags & (CollectionFlag | ExpiryFlag))
            | (Math.Clamp(value, NoDeadline, long.MaxValue >> FlagBits) << FlagBits);
    }

    /// <summary>True while the key waits to be collected.</summary>
    internal bool IsQueuedForCollection
    {
        get => (_deadlineAndFlags & CollectionFlag) != 0;
        set => SetFlag(CollectionFlag, value);
    }

    /// <summary>True while the expiry queue has an entry for this key.</summary>
    internal bool IsQueuedForExpiry
    {
        get => (_deadlineAndFlags & ExpiryFlag) != 0;
        set => SetFlag(ExpiryFlag, value);
    }

    private StoredObject[] Others => _rare?.Others ?? [];

    /// <summary>
    /// The object that readers get, expiry aside. Of the visible objects it is the one created first by (timestamp, dot). Null where the
    /// key does not exist.
    /// </summary>
    public StoredObject? Answering
    {
        get
        {
            StoredObject? first = null;
            foreach (var held in Objects)
                if (IsAnswer(held) && (first is null || held.WasCreatedBefore(first))) first = held;
            return first;
        }
    }

    /// <summary>How many types a reader could see.</summary>
    public int VisibleTypes
    {
        get
        {
            var count = 0;
            foreach (var held in Objects)
                if (IsAnswer(held)) count++;
            return count;
        }
    }

    /// <summary>
    /// What readers get if every life is over that ends at or before <paramref name="expiredMs"/>, in Unix milliseconds. See
    /// <see cref="Answering"/>.
    /// </summary>
    public StoredObject? AnsweringAt(long expiredMs) => ExpiresAtMs <= expiredMs ? null : Answering;

    /// <summary>About how many bytes it costs to ship the entry.</summary>
    public long ApproximateBytes
    {
        get
        {
            long bytes = 0;
            foreach (var held in Objects) bytes += held.State.ApproximateBytes;
            return bytes;
        }
    }

    /// <summary>
    /// Raises a clock so that it covers the last changes. A replica that covers these has seen all that is here.
    /// </summary>
    internal void AddLastChangesTo(VersionVector clock)
    {
        foreach (var held in Objects)
            foreach (var dot in held.LastChange) clock.Advance(dot.Replica, dot.Sequence);
    }

    /// <summary>The object of a type, or null.</summary>
    public StoredObject? Find(CrdtType type)
    {
        if (State?.Type == type) return this;
        foreach (var held in Others)
            if (held.State.Type == type) return held;
        return null;
    }

    /// <summary>The object of a type, empty where the key held none.</summary>
    public StoredObject GetOrAdd(CrdtType type)
    {
        var found = Find(type);
        if (found is not null) return found;
        if (State is null)
        {
            State = Crdt.Crdt.Bottom(type);
            return this;
        }

        var others = Others;
        var index = 0;
        while (index < others.Length && others[index].State.Type < type) index++;
        found = new StoredObject(Crdt.Crdt.Bottom(type));
        (_rare ??= new Rare()).Others = [.. others[..index], found, .. others[index..]];
        return found;
    }

    /// <summary>True where <paramref name="clock"/> covers the last change of every object here.</summary>
    public bool IsCoveredBy(ClockView clock)
    {
        foreach (var held in Objects)
            if (!held.IsSeenAt(clock)) return false;
        return true;
    }

    /// <summary>
    /// Joins another replica's objects of the same key, taken at <paramref name="otherClock"/>, into these at <paramref name="clock"/>.
    /// </summary>
    public void Join(VersionVector clock, KeyEntry other, VersionVector otherClock)
    {
        foreach (var theirs in other.Objects) GetOrAdd(theirs.State.Type).JoinObject(clock, theirs, otherClock);

        // The other side may have seen removed what it does not hold at all.
        foreach (var mine in Objects)
            if (other.Find(mine.State.Type) is null) mine.JoinObject(clock, null, otherClock);
    }

    /// <summary>True where nothing is left: no object of any type has a state.</summary>
    public bool IsEmpty
    {
        get
        {
            foreach (var held in Objects)
                if (!held.State.IsBottom) return false;
            return true;
        }
    }

    /// <summary>Collects the objects at a stable cut.</summary>
    public void Collect(StableCut cut)
    {
        foreach (var held in Objects) held.State.Collect(cut);
    }

    /// <summary>Writes the objects as they stand. Where a type can tell, only what changed above <paramref name="since"/>.</summary>
    public void Encode(ByteWriter writer, VersionVector since)
    {
        writer.WriteVarint((ulong)Count);
        foreach (var held in Objects) held.EncodeObject(writer, since);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static KeyEntry Decode(ref ByteReader reader)
    {
        var count = reader.ReadCount(minimumBytesEach: 3);
        var entry = new KeyEntry();
        if (count == 0) return entry;
        entry.DecodeObject(ref reader);
        if (count == 1) return entry;
        var others = new StoredObject[count - 1];
        for (var i = 0; i < others.Length; i++)
        {
            others[i] = new StoredObject(entry.State);
            others[i].DecodeObject(ref reader);
            if (others[i].State.Type <= (i == 0 ? entry : others[i - 1]).State.Type)
                throw new CorruptDataException("the objects of a key are not in ascending order of type");
        }

        (entry._rare ??= new Rare()).Others = others;
        return entry;
    }

    /// <summary>An independent copy, to join a quorum's answers into.</summary>
    public KeyEntry Copy(ByteWriter scratch)
    {
        scratch.Clear();
        Encode(scratch, since: new VersionVector());
        var reader = new ByteReader(scratch.Written);
        return Decode(ref reader);
    }

    private void SetFlag(long flag, bool value) => _deadlineAndFlags = value ? _deadlineAndFlags | flag : _deadlineAndFlags & ~flag;

    // The expiry is stored beside what the key holds.
    internal static bool IsAnswer(StoredObject held) => held.State.Type != CrdtType.Expiry && held.State.IsVisible;

    /// <summary>The objects of a key.</summary>
    public readonly struct ObjectList(KeyEntry entry)
    {
        /// <summary>How many objects.</summary>
        public int Count => entry.Count;

        /// <summary>An object. They are in ascending order of type.</summary>
        public StoredObject this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
                var others = entry.Others;
                var own = 0;
                while (own < others.Length && others[own].State.Type < entry.State.Type) own++;
                return index == own ? entry : others[index < own ? index : index - 1];
            }
        }

        /// <summary>Goes through the objects.</summary>
        public Enumerator GetEnumerator() => new(this);
    }

    /// <summary>Goes through the objects of a key.</summary>
    public struct Enumerator(ObjectList objects)
    {
        private int _next;

        /// <summary>The object.</summary>
        public StoredObject Current { get; private set; } = null!;

        /// <summary>Turns to the next object.</summary>
        public bool MoveNext()
        {
            if (_next == objects.Count) return false;
            Current = objects[_next++];
            return true;
        }
    }
}
