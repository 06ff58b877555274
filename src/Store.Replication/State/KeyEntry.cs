using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Replication.State;

/// <summary>Everything one key holds: one object of each type, and perhaps an expiry. Almost always there is a single object.</summary>
public sealed class KeyEntry
{
    private StoredObject[] _objects = [];

    /// <summary>The objects, in ascending order of type.</summary>
    public ReadOnlySpan<StoredObject> Objects => _objects;

    /// <summary>
    /// Until when the key lives, in Unix milliseconds. <see cref="Expiry.Never"/> where no life was given. Readers do not see an expired
    /// key.
    /// </summary>
    public long ExpiresAtMs =>
        _objects.Length > 0 && _objects[^1].State is Register { Type: CrdtType.Expiry } expiry ? Expiry.Of(expiry) : Expiry.Never;

    /// <summary>
    /// The latest deadline of the operations that changed the key, in Unix milliseconds. After it their tags can be dropped.
    /// </summary>
    internal long LatestDeadlineMs { get; set; } = long.MinValue;

    /// <summary>True while the key waits to be collected.</summary>
    internal bool IsQueuedForCollection { get; set; }

    /// <summary>True while the expiry queue has an entry for this key.</summary>
    internal bool IsQueuedForExpiry { get; set; }

    /// <summary>
    /// The object that readers get, expiry aside. Of the visible objects it is the one created first by (timestamp, dot). Null where the
    /// key does not exist.
    /// </summary>
    public StoredObject? Answering
    {
        get
        {
            StoredObject? first = null;
            foreach (var held in _objects)
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
            foreach (var held in _objects)
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
            foreach (var held in _objects) bytes += held.State.ApproximateBytes;
            return bytes;
        }
    }

    /// <summary>A clock that covers exactly the last changes. A replica that covers it has seen all that is here.</summary>
    public VersionVector LastChange()
    {
        var clock = new VersionVector();
        foreach (var held in _objects)
            foreach (var dot in held.LastChange) clock.Advance(dot.Replica, dot.Sequence);
        return clock;
    }

    /// <summary>The object of a type, or null.</summary>
    public StoredObject? Find(CrdtType type)
    {
        foreach (var held in _objects)
            if (held.State.Type == type) return held;
        return null;
    }

    /// <summary>The object of a type, empty where the key held none.</summary>
    public StoredObject GetOrAdd(CrdtType type)
    {
        var found = Find(type);
        if (found is not null) return found;
        var index = 0;
        while (index < _objects.Length && _objects[index].State.Type < type) index++;
        found = new StoredObject(Crdt.Crdt.Bottom(type));
        _objects = [.. _objects[..index], found, .. _objects[index..]];
        return found;
    }

    /// <summary>True where <paramref name="clock"/> covers the last change of every object here.</summary>
    public bool IsCoveredBy(ClockView clock)
    {
        foreach (var held in _objects)
            if (!held.IsCoveredBy(clock)) return false;
        return true;
    }

    /// <summary>
    /// Joins another replica's objects of the same key, taken at <paramref name="otherClock"/>, into these at <paramref name="clock"/>.
    /// </summary>
    public void Join(VersionVector clock, KeyEntry other, VersionVector otherClock)
    {
        foreach (var theirs in other._objects) GetOrAdd(theirs.State.Type).Join(clock, theirs, otherClock);

        // The other side may have seen removed what it does not hold at all.
        foreach (var mine in _objects)
            if (other.Find(mine.State.Type) is null) mine.Join(clock, null, otherClock);
    }

    /// <summary>True where nothing is left: no object of any type has a state.</summary>
    public bool IsEmpty
    {
        get
        {
            foreach (var held in _objects)
                if (!held.State.IsBottom) return false;
            return true;
        }
    }

    /// <summary>Collects the objects at a stable cut.</summary>
    public void Collect(StableCut cut)
    {
        foreach (var held in _objects) held.State.Collect(cut);
    }

    /// <summary>Writes the objects as they stand. Where a type can tell, only what changed above <paramref name="since"/>.</summary>
    public void Encode(ByteWriter writer, VersionVector since)
    {
        writer.WriteVarint((ulong)_objects.Length);
        foreach (var held in _objects) held.Encode(writer, since);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static KeyEntry Decode(ref ByteReader reader)
    {
        var objects = new StoredObject[reader.ReadCount(minimumBytesEach: 3)];
        for (var i = 0; i < objects.Length; i++)
        {
            objects[i] = StoredObject.Decode(ref reader);
            if (i > 0 && objects[i].State.Type <= objects[i - 1].State.Type)
                throw new CorruptDataException("the objects of a key are not in ascending order of type");
        }

        return new KeyEntry { _objects = objects };
    }

    /// <summary>An independent copy, to join a quorum's answers into.</summary>
    public KeyEntry Copy(ByteWriter scratch)
    {
        scratch.Clear();
        Encode(scratch, since: new VersionVector());
        var reader = new ByteReader(scratch.Written);
        return Decode(ref reader);
    }

    // The expiry is stored beside what the key holds.
    private static bool IsAnswer(StoredObject held) => held.State.Type != CrdtType.Expiry && held.State.IsVisible;
}
