using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Members;

/// <summary>The segments of a table that has more than one, each with the place it begins at.</summary>
internal sealed class MemberDirectory<TValue>
    where TValue : struct, IMemberValue<TValue>
{
    private MemberSegment<TValue>[] _segments;
    private ulong[] _keys;

    // Only where a segment begins between members of equal keys.
    private Bytes[]? _ties;

    /// <summary>One segment, which begins before all members.</summary>
    internal MemberDirectory(MemberSegment<TValue> first)
    {
        _segments = [first, null!];
        _keys = new ulong[2];
        Count = 1;
    }

    internal int Count { get; private set; }

    /// <summary>The changes after which it is known which of them altered which segment; null where that is not known of any.</summary>
    internal VersionVector? Base { get; set; }

    internal MemberSegment<TValue> this[int index]
    {
        get => _segments[index];
        set => _segments[index] = value;
    }

    /// <summary>Where a segment begins, and the one before it ends.</summary>
    internal ulong KeyAt(int index) => index < Count ? _keys[index] : ulong.MaxValue;

    internal MemberBound BoundAt(int index) => new(_keys[index], _ties is null ? default : _ties[index]);

    /// <summary>The segment the member is in, if it is in any.</summary>
    internal int Find(ulong key, ReadOnlySpan<byte> member)
    {
        // The last one that does not begin after the member. The first one begins before every member.
        var (low, high) = MemberSegment<TValue>.Narrow(_keys.AsSpan(0, Count), key, 0, ulong.MaxValue);
        if (low == 0) low = 1;
        if (high < Count && _keys[high] == key) high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_keys[middle] < key || (_keys[middle] == key && BoundAt(middle).CompareMember(key, member) >= 0)) low = middle + 1;
            else high = middle;
        }

        return low - 1;
    }

    internal void Insert(int index, MemberBound bound, MemberSegment<TValue> segment)
    {
        if (!bound.Tie.Span.IsEmpty) _ties ??= new Bytes[_keys.Length];
        if (Count == _keys.Length) Resize(Count + (Count >> 1) + 1);
        Open(_segments, index);
        Open(_keys, index);
        if (_ties is not null) Open(_ties, index);
        _segments[index] = segment;
        _keys[index] = bound.Key;
        if (_ties is not null) _ties[index] = bound.Tie;
        Count++;
    }

    internal void RemoveAt(int index)
    {
        Count--;
        Close(_segments, index);
        Close(_keys, index);
        if (_ties is not null) Close(_ties, index);
        if (Count < _keys.Length / 4) Resize(Count * 2);
    }

    private void Open<T>(T[] array, int index) => Array.Copy(array, index, array, index + 1, Count - index);

    private void Close<T>(T[] array, int index)
    {
        Array.Copy(array, index + 1, array, index, Count - index);
        array[Count] = default!;
    }

    private void Resize(int capacity)
    {
        Array.Resize(ref _segments, capacity);
        Array.Resize(ref _keys, capacity);
        if (_ties is not null) Array.Resize(ref _ties, capacity);
    }
}
