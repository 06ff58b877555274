namespace Gossipdb.Crdt;

/// <summary>
/// A run of members in canonical order, small enough that inserting by moving what comes after is cheap. The keys are sorted, and each
/// carries in its low byte the slot where the rest of the member is; slots are in no order, so that an insertion moves keys only.
/// The members' bytes lie packed one after the other. What removals leave unused is taken back when half of it is.
/// </summary>
internal sealed class MemberSegment<TValue>
    where TValue : struct, IMemberValue<TValue>
{
    /// <summary>At most 256: a slot is a byte.</summary>
    internal const int MaxCount = 128;

    /// <summary>A segment of more than one member is split rather than let its bytes grow over this.</summary>
    internal const int MaxBytes = 16 * 1024;

    private ulong[] _keys = [];
    private Entry[] _entries = [];
    private byte[] _bytes = [];
    private int _bytesUsed;
    private int _slotsUsed;
    private short _freeSlot = -1;

    private struct Entry
    {
        public TValue Value;

        // Where the member is in the bytes. A free slot has here the next one, or -1.
        public int Offset;
        public int Length;
    }

    /// <summary>How many members.</summary>
    internal int Count { get; private set; }

    /// <summary>How many bytes the members take.</summary>
    internal int LiveBytes { get; private set; }

    /// <summary>How many wait for a floor to be collected at.</summary>
    internal int Pending { get; set; }

    /// <summary>The changes since the table's base that may have altered this segment; null where there was none.</summary>
    internal VersionVector? Changed { get; set; }

    internal MemberSegment()
    {
    }

    /// <summary>With room for so many members.</summary>
    internal MemberSegment(int capacity)
    {
        if (capacity == 0) return;
        _keys = new ulong[capacity];
        _entries = new Entry[capacity];
    }

    internal ulong KeyAt(int index) => _keys[index] & ~MemberOrder.SlotMask;

    internal ref TValue ValueAt(int index) => ref _entries[Slot(index)].Value;

    internal ReadOnlySpan<byte> MemberAt(int index)
    {
        ref readonly var entry = ref _entries[Slot(index)];
        return _bytes.AsSpan(entry.Offset, entry.Length);
    }

    /// <summary>The index of the member, or where it would be.</summary>
    internal int Find(ulong key, ReadOnlySpan<byte> member, out bool found)
    {
        var keys = _keys.AsSpan(0, Count);
        int low = 0, high = keys.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (keys[middle] < key) low = middle + 1; // a key asked for has no slot in it
            else high = middle;
        }

        for (; low < keys.Length && (keys[low] & ~MemberOrder.SlotMask) == key; low++)
        {
            var order = MemberAt(low).SequenceCompareTo(member);
            if (order < 0) continue;
            found = order == 0;
            return low;
        }

        found = false;
        return low;
    }

    /// <summary>True where one more member of this length should go into a half of this segment.</summary>
    internal bool IsFull(int length) => Count == MaxCount || (Count > 1 && (long)LiveBytes + length > MaxBytes);

    internal void Insert(int index, ulong key, ReadOnlySpan<byte> member, in TValue value)
    {
        if (Count == _keys.Length || _bytes.Length - _bytesUsed < member.Length) MakeRoom(member.Length);
        var slot = (int)_freeSlot;
        if (slot < 0) slot = _slotsUsed++;
        else _freeSlot = (short)_entries[slot].Offset;

        _entries[slot] = new Entry { Value = value, Offset = _bytesUsed, Length = member.Length };
        member.CopyTo(_bytes.AsSpan(_bytesUsed));
        _bytesUsed += member.Length;
        LiveBytes += member.Length;
        Array.Copy(_keys, index, _keys, index + 1, Count - index);
        _keys[index] = key | (uint)slot;
        Count++;
    }

    internal void RemoveAt(int index)
    {
        var slot = Slot(index);
        LiveBytes -= _entries[slot].Length;
        _entries[slot] = new Entry { Offset = _freeSlot };
        _freeSlot = (short)slot;
        Count--;
        Array.Copy(_keys, index + 1, _keys, index, Count - index);
        if (Count < _keys.Length / 2 || LiveBytes < _bytesUsed / 2) Reshape(Count, LiveBytes);
    }

    /// <summary>Half of the members in a segment of their own, in order.</summary>
    internal MemberSegment<TValue> Part(int from, int to)
    {
        // A quarter of room, so that growing copies a member four times at most and never leaves more than a fifth unused.
        var part = new MemberSegment<TValue>(Roomier(to - from)) { Changed = Changed?.Copy() };
        var bytes = 0;
        for (var i = from; i < to; i++) bytes += _entries[Slot(i)].Length;
        part._bytes = new byte[Roomier(bytes)];
        part.Append(this, from, to);
        return part;
    }

    /// <summary>The two in one.</summary>
    internal static MemberSegment<TValue> Combine(MemberSegment<TValue> left, MemberSegment<TValue> right)
    {
        var both = new MemberSegment<TValue>(left.Count + right.Count) { Changed = left.Changed?.Copy() };
        both._bytes = new byte[left.LiveBytes + right.LiveBytes];
        both.Append(left, 0, left.Count);
        both.Append(right, 0, right.Count);
        if (right.Changed is not null) (both.Changed ??= new VersionVector()).Merge(right.Changed);
        return both;
    }

    private static int Roomier(int size) => size + (size >> 2);

    private int Slot(int index) => (int)(_keys[index] & MemberOrder.SlotMask);

    private void MakeRoom(int length)
    {
        // The first member takes what it needs: most deltas have one.
        var capacity = Count == 0 ? Math.Max(1, _keys.Length) : Math.Min(MaxCount, Math.Max(_keys.Length, Count + Math.Max(2, Count >> 2)));
        Reshape(capacity, Count == 0 ? length : Roomier(LiveBytes) + length);
    }

    /// <summary>Moves everything into arrays of these sizes, without gaps.</summary>
    private void Reshape(int capacity, int bytes)
    {
        var shaped = new MemberSegment<TValue>(capacity) { _bytes = bytes == 0 ? [] : new byte[bytes] };
        shaped.Append(this, 0, Count);
        _keys = shaped._keys;
        _entries = shaped._entries;
        _bytes = shaped._bytes;
        _bytesUsed = shaped._bytesUsed;
        _slotsUsed = shaped._slotsUsed;
        _freeSlot = -1;
    }

    private void Append(MemberSegment<TValue> source, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            ref readonly var entry = ref source._entries[source.Slot(i)];
            source.MemberAt(i).CopyTo(_bytes.AsSpan(_bytesUsed));
            _entries[Count] = entry with { Offset = _bytesUsed };
            _keys[Count] = source.KeyAt(i) | (uint)Count;
            _bytesUsed += entry.Length;
            Count++;
            if (entry.Value.IsPending) Pending++;
        }

        LiveBytes = _bytesUsed;
        _slotsUsed = Count;
    }
}
