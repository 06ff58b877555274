using System.Text;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Causality;

/// <summary>
/// ReplicaId → highest sequence applied (Parker et al., 1983).
/// It has no gaps, because events are applied in causal order: it contains a dot exactly when its entry for the dot's replica is at or
/// above the dot's sequence.
/// It is mutable and has one writer. Hand out a <see cref="ClockView"/> to look at, a <see cref="Copy"/> to keep.
/// Entries are kept sorted, so that equal vectors encode to equal bytes.
/// </summary>
public sealed class VersionVector : IEquatable<VersionVector>
{
    private Entry[] _entries;
    private int _count;

    /// <summary>One replica's component.</summary>
    public readonly record struct Entry(ReplicaId Replica, long Sequence);

    /// <summary>An empty vector: it covers nothing.</summary>
    public VersionVector() => _entries = [];

    private VersionVector(Entry[] entries, int count)
    {
        _entries = entries;
        _count = count;
    }

    /// <summary>The entries, in ascending order of replica; every sequence is at least 1.</summary>
    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _count);

    /// <summary>How many replicas have an entry.</summary>
    public int Count => _count;

    /// <summary>The highest sequence of <paramref name="replica"/>, 0 where it has none.</summary>
    public long this[ReplicaId replica]
    {
        get
        {
            var index = IndexOf(replica);
            return index >= 0 ? _entries[index].Sequence : 0;
        }
    }

    /// <summary>The sum of all components: how many elementary changes the vector covers.</summary>
    public long TotalChanges
    {
        get
        {
            long total = 0;
            foreach (var entry in Entries) total += entry.Sequence;
            return total;
        }
    }

    /// <summary>How many elementary changes this vector covers and <paramref name="other"/> does not.</summary>
    public long ChangesMissingFrom(ClockView other)
    {
        long missing = 0;
        foreach (var entry in Entries) missing += Math.Max(0, entry.Sequence - other[entry.Replica]);
        return missing;
    }

    /// <summary>True where the change the dot names is covered.</summary>
    public bool Contains(Dot dot) => this[dot.Replica] >= dot.Sequence;

    /// <summary>True where every change <paramref name="other"/> covers is covered here too.</summary>
    public bool Covers(ClockView other)
    {
        // Both sides are sorted: one pass.
        var mine = 0;
        foreach (var theirs in other.Entries)
        {
            while (mine < _count && _entries[mine].Replica.CompareTo(theirs.Replica) < 0) mine++;
            if (mine == _count || _entries[mine].Replica != theirs.Replica || _entries[mine].Sequence < theirs.Sequence) return false;
        }

        return true;
    }

    /// <summary>Raises a replica's component to <paramref name="sequence"/>; never lowers it.</summary>
    /// <returns>True where the component rose.</returns>
    public bool Advance(ReplicaId replica, long sequence)
    {
        if (sequence <= 0) return false;
        var index = IndexOf(replica);
        if (index >= 0)
        {
            if (_entries[index].Sequence >= sequence) return false;
            _entries[index] = new Entry(replica, sequence);
            return true;
        }

        Insert(~index, new Entry(replica, sequence));
        return true;
    }

    /// <summary>Raises every component to at least that of <paramref name="other"/> (the least upper bound).</summary>
    /// <returns>True where any component rose.</returns>
    public bool Merge(ClockView other)
    {
        var rose = false;
        foreach (var entry in other.Entries) rose |= Advance(entry.Replica, entry.Sequence);
        return rose;
    }

    /// <summary>An independent copy.</summary>
    public VersionVector Copy() => new(Entries.ToArray(), _count);

    /// <summary>
    /// Becomes a copy of <paramref name="other"/>. It keeps its room, so a vector that is set again and again allocates nothing.
    /// </summary>
    public void Set(ClockView other)
    {
        var entries = other.Entries;
        if (_entries.Length < entries.Length) _entries = new Entry[entries.Length + 1];
        entries.CopyTo(_entries);
        _count = entries.Length;
    }

    /// <summary>Covers nothing from here on. It keeps its room.</summary>
    public void Clear() => _count = 0;

    /// <summary>True where both have the same components, those of one replica aside.</summary>
    public bool EqualsApartFrom(ReplicaId replica, ClockView other)
    {
        int mine = 0, their = 0;
        var theirs = other.Entries;
        while (true)
        {
            if (mine < _count && _entries[mine].Replica == replica) mine++;
            if (their < theirs.Length && theirs[their].Replica == replica) their++;
            if (mine == _count || their == theirs.Length) return mine == _count && their == theirs.Length;
            if (_entries[mine++] != theirs[their++]) return false;
        }
    }

    /// <summary>The component-wise minimum (the greatest lower bound): what both cover.</summary>
    public static VersionVector Minimum(ClockView left, ClockView right)
    {
        var result = new VersionVector();
        foreach (var entry in left.Entries) result.Advance(entry.Replica, Math.Min(entry.Sequence, right[entry.Replica]));
        return result;
    }

    /// <summary>The component-wise maximum (the least upper bound): what either covers. One pass, and always a new vector.</summary>
    public static VersionVector Union(VersionVector left, VersionVector right)
    {
        var entries = new Entry[left._count + right._count];
        int count = 0, l = 0, r = 0;
        while (l < left._count && r < right._count)
        {
            var (mine, theirs) = (left._entries[l], right._entries[r]);
            var order = mine.Replica.CompareTo(theirs.Replica);
            entries[count++] = order < 0 || (order == 0 && mine.Sequence >= theirs.Sequence) ? mine : theirs;
            if (order <= 0) l++;
            if (order >= 0) r++;
        }

        while (l < left._count) entries[count++] = left._entries[l++];
        while (r < right._count) entries[count++] = right._entries[r++];
        return new VersionVector(entries, count);
    }

    /// <summary>
    /// The components that are above those of <paramref name="other"/>, as a new vector; null where there are none. One pass.
    /// </summary>
    public VersionVector? Above(VersionVector other)
    {
        VersionVector? result = null;
        var theirs = 0;
        foreach (var entry in Entries)
        {
            while (theirs < other._count && other._entries[theirs].Replica.CompareTo(entry.Replica) < 0) theirs++;
            if (theirs < other._count
                && other._entries[theirs].Replica == entry.Replica
                && other._entries[theirs].Sequence >= entry.Sequence)
            {
                continue;
            }
            result ??= new VersionVector();
            result.Insert(result._count, entry);
        }

        return result;
    }

    /// <inheritdoc/>
    public bool Equals(VersionVector? other) => other is not null && Entries.SequenceEqual(other.Entries);

    /// <summary>True where both cover the same changes.</summary>
    public bool Equals(ClockView other) => Entries.SequenceEqual(other.Entries);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionVector);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        ulong hash = 17;
        foreach (var entry in Entries) hash = (hash * 31) + entry.Replica.Value + (ulong)entry.Sequence;
        return hash.GetHashCode();
    }

    /// <summary>Writes the count, then (replica, sequence) in ascending order of replica.</summary>
    public void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_count);
        foreach (var entry in Entries)
        {
            writer.WriteReplicaId(entry.Replica);
            writer.WriteVarint((ulong)entry.Sequence);
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a version vector in its one canonical form.</exception>
    public static VersionVector Decode(ref ByteReader reader)
    {
        var vector = new VersionVector();
        vector.Read(ref reader);
        return vector;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote. Null where it covers nothing.</summary>
    internal static VersionVector? DecodeUnlessEmpty(ref ByteReader reader)
    {
        if (!reader.TryReadZero()) return Decode(ref reader);
        return null;
    }

    /// <summary>Becomes what <see cref="Encode"/> wrote. It keeps its room, as with <see cref="Set"/>.</summary>
    /// <param name="reader">The bytes.</param>
    /// <param name="spare">Room for so many further entries, which the caller is about to add.</param>
    /// <exception cref="CorruptDataException">The bytes are not a version vector in its one canonical form. It is empty then.</exception>
    public void Read(ref ByteReader reader, int spare = 0)
    {
        _count = 0;
        var count = reader.ReadCount(minimumBytesEach: 9);
        if (_entries.Length < count + spare) _entries = new Entry[count + spare];
        for (var i = 0; i < count; i++)
        {
            _entries[i] = new Entry(reader.ReadReplicaId(), reader.ReadSequence());
            if (i > 0 && _entries[i].Replica.CompareTo(_entries[i - 1].Replica) <= 0)
                throw new CorruptDataException("version vector entries are not in ascending order of replica");
        }

        _count = count;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        foreach (var entry in Entries)
        {
            if (text.Length > 1) text.Append(", ");
            text.Append(entry.Replica).Append(':').Append(entry.Sequence);
        }

        return text.Append('}').ToString();
    }

    private int IndexOf(ReplicaId replica)
    {
        // A handful of entries: the owners of one partition and their previous incarnations. Linear search beats binary search here.
        for (var i = 0; i < _count; i++)
        {
            var order = _entries[i].Replica.CompareTo(replica);
            if (order == 0) return i;
            if (order > 0) return ~i;
        }

        return ~_count;
    }

    private void Insert(int index, Entry entry)
    {
        if (_count == _entries.Length) Array.Resize(ref _entries, Math.Max(4, _count * 2));
        Array.Copy(_entries, index, _entries, index + 1, _count - index);
        _entries[index] = entry;
        _count++;
    }
}
