namespace Gossipdb.Crdt.Members;

/// <summary>
/// A run of members in canonical order, small enough that inserting by moving what comes after is cheap.
/// The keys are sorted. Each carries in its low byte the slot where the rest of the member is.
/// Slots are in no order, so an insertion moves keys only.
/// The members' bytes lie packed one after the other. What removals leave unused is taken back when half of it is unused.
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
    private SegmentChanges _changes;

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

    /// <summary>How many wait for a stable cut to be collected at.</summary>
    internal int Pending { get; set; }

    /// <summary>The changes above the table's base that may have altered this segment.</summary>
    internal ref SegmentChanges Changes => ref _changes;

    internal MemberSegment()
    {
    }

    /// <summary>With room for so many members.</summary>
    internal MemberSegment(int capacity) => Reserve(capacity);

    /// <summary>Makes room for so many members in a segment that has none.</summary>
    internal void Reserve(int capacity)
    {
        if (capacity <= _keys.Length) return;
        _keys = new ulong[capacity];
        _entries = new Entry[capacity];
        (_slotsUsed, _freeSlot) = (0, -1);
    }

    internal ulong KeyAt(int index) => _keys[index] & ~MemberOrder.SlotMask;

    internal ref TValue ValueAt(int index) => ref _entries[Slot(index)].Value;

    internal ReadOnlySpan<byte> MemberAt(int index)
    {
        ref readonly var entry = ref _entries[Slot(index)];
        return _bytes.AsSpan(entry.Offset, entry.Length);
    }

    /// <summary>The index of the member, or where it would be. The segment begins at one key and ends at another.</summary>
    internal int Find(ulong key, ReadOnlySpan<byte> member, ulong begin, ulong end, out bool found)
    {
        var keys = _keys.AsSpan(0, Count);
        var (low, high) = Narrow(keys, key, begin, end);
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
        var part = new MemberSegment<TValue>(Roomier(to - from)) { _changes = _changes.Copy() };
        var bytes = 0;
        for (var i = from; i < to; i++) bytes += _entries[Slot(i)].Length;
        part._bytes = new byte[Roomier(bytes)];
        part.Append(this, from, to);
        return part;
    }

    /// <summary>The two in one.</summary>
    internal static MemberSegment<TValue> Combine(MemberSegment<TValue> left, MemberSegment<TValue> right)
    {
        var both = new MemberSegment<TValue>(left.Count + right.Count) { _changes = left._changes.Copy() };
        both._bytes = new byte[left.LiveBytes + right.LiveBytes];
        both.Append(left, 0, left.Count);
        both.Append(right, 0, right.Count);
        both._changes.Add(right._changes);
        return both;
    }

    /// <summary>
    /// Keys are hashes, and so evenly spread. The one asked for is close to where it should be, in the line of cache that is looked at
    /// first. From there the search goes on in steps that double, so keys made to be uneven cost little more.
    /// </summary>
    internal static (int Low, int High) Narrow(ReadOnlySpan<ulong> keys, ulong key, ulong begin, ulong end)
    {
        int low = 0, high = keys.Length, step = 4;
        if (high <= 8 || end <= begin) return (low, high);
        var guess = Math.Clamp((int)((double)(key - begin) / (end - begin) * high), 0, high - 1);
        if (keys[guess] < key)
        {
            low = guess + 1;
            while (low + step < high && keys[low + step] < key)
            {
                low += step + 1;
                step *= 2;
            }

            return (low, Math.Min(low + step, high));
        }

        high = guess;
        while (high - step > low && keys[high - step - 1] >= key)
        {
            high -= step + 1;
            step *= 2;
        }

        return (Math.Max(low, high - step), high);
    }

    private static int Roomier(int size) => size + (size >> 2);

    private int Slot(int index) => (int)(_keys[index] & MemberOrder.SlotMask);

    private void MakeRoom(int length)
    {
        if (Count == _keys.Length)
        {
            // The first member takes what it needs: most deltas have one. The last step is the whole way: a few places more would soon
            // be copied once more.
            var capacity = Count == 0 ? 1 : Count + Math.Max(2, Count >> 2);
            if (capacity > MaxCount * 7 / 8) capacity = MaxCount;
            Array.Resize(ref _keys, capacity);
            Array.Resize(ref _entries, capacity);
        }

        if (_bytes.Length - _bytesUsed >= length) return;

        // As much for each place as the members took so far, within bounds: the next ones may be longer, or shorter.
        var live = LiveBytes + length;
        var bytes = Count == 0 ? live : (int)Math.Clamp((long)live * _keys.Length / (Count + 1), live + (live >> 3), 2L * live);
        if (LiveBytes == _bytesUsed) Array.Resize(ref _bytes, bytes);
        else Reshape(_keys.Length, bytes);
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
