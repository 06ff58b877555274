using System.IO.Hashing;

namespace Gossipdb.Node.HotKeys;

/// <summary>
/// The keys that occur most often in a stream, in bounded memory: the Space-Saving algorithm (Metwally, Agrawal, El Abbadi 2005, "Efficient
/// Computation of Frequent and Top-k Elements in Data Streams"). It counts at most so many keys. A further key takes the place of one with
/// the least count, and begins at that count: by so much its own may be too high. So of N occurrences and m places
/// <list type="bullet">
/// <item>a key that occurred more than N/m times has a place,</item>
/// <item>a key's count is never less than how often it occurred, and more by its error at most, which is at most N/m.</item>
/// </list>
/// A key that has a place costs a hash and a comparison, and no allocation. Of one thread at a time.
/// </summary>
internal sealed class SpaceSaving
{
    /// <summary>So much of a key is kept. Longer ones are told apart by their hash.</summary>
    public const int KeptBytes = 128;

    private const ushort Free = 0;
    private readonly int _capacity;

    // Of each place. One array each, so that the least count is found in few cache lines.
    private readonly long[] _counts;
    private readonly Place[] _places;
    private readonly byte[] _keys;

    // Places plus one, by hash: open addressing with linear probing, a quarter full at most.
    private readonly ushort[] _table;
    private readonly int _mask;

    // No count is below it. Where one has the least count, it lies at or behind the cursor, or there is none in front of it either.
    private long _least;
    private int _cursor;

    /// <param name="capacity">m: how many keys are counted, 1 to 16,384.</param>
    public SpaceSaving(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 16_384);
        _capacity = capacity;
        _counts = new long[capacity];
        _places = new Place[capacity];
        _keys = new byte[capacity * KeptBytes];
        _table = new ushort[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity * 4)];
        _mask = _table.Length - 1;
    }

    /// <summary>How many keys have a place.</summary>
    public int Count { get; private set; }

    /// <summary>N: how many occurrences were counted.</summary>
    public long Total { get; private set; }

    /// <summary>No key without a place occurred more often than this.</summary>
    public long UnlistedAtMost => Count < _capacity ? 0 : Least();

    /// <summary>A key occurred.</summary>
    /// <param name="key">The key.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="isWrite">Whether it was written.</param>
    public void Add(ReadOnlySpan<byte> key, int partition, bool isWrite)
    {
        Total++;
        var hash = XxHash3.HashToUInt64(key);
        var slot = (int)hash & _mask;
        for (; _table[slot] != Free; slot = (slot + 1) & _mask)
        {
            var found = _table[slot] - 1;
            ref var place = ref _places[found];
            if (place.Hash != hash || !IsOf(found, key)) continue;
            _counts[found]++;
            if (isWrite) place.Writes++;
            return;
        }

        if (Count < _capacity) Put(Count++, slot, hash, key, partition, isWrite, inherited: 0);
        else Replace(hash, key, partition, isWrite);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_table);
        (Count, Total, _least, _cursor) = (0, 0, 0, 0);
    }

    /// <summary>What is known of the keys that have a place, in no order.</summary>
    public IEnumerable<KeyCount> Keys()
    {
        for (var i = 0; i < Count; i++)
        {
            var place = _places[i];
            var name = new HotKey(_keys.AsSpan(i * KeptBytes, Math.Min(place.Length, KeptBytes)).ToArray(), place.Length, place.Hash);
            var own = _counts[i] - place.Inherited;
            yield return new KeyCount(name, place.Partition, _counts[i], own - place.Writes, place.Writes);
        }
    }

    private bool IsOf(int place, ReadOnlySpan<byte> key) =>
        _places[place].Length == key.Length
        && _keys.AsSpan(place * KeptBytes, Math.Min(key.Length, KeptBytes)).SequenceEqual(key[..Math.Min(key.Length, KeptBytes)]);

    private void Replace(ulong hash, ReadOnlySpan<byte> key, int partition, bool isWrite)
    {
        var place = TakeLeast();
        Unlist(place);
        var slot = (int)hash & _mask;
        while (_table[slot] != Free) slot = (slot + 1) & _mask;
        Put(place, slot, hash, key, partition, isWrite, inherited: _counts[place]);
    }

    private void Put(int place, int slot, ulong hash, ReadOnlySpan<byte> key, int partition, bool isWrite, long inherited)
    {
        _table[slot] = (ushort)(place + 1);
        _counts[place] = inherited + 1;
        _places[place] = new Place
        {
            Hash = hash,
            Length = key.Length,
            Partition = partition,
            Inherited = inherited,
            Writes = isWrite ? 1 : 0,
        };
        key[..Math.Min(key.Length, KeptBytes)].CopyTo(_keys.AsSpan(place * KeptBytes));
    }

    // Counts only rise, so the search goes on where it ended. It begins anew, with a higher least count, once it has seen all places: then
    // each of those it had found has been raised.
    private int TakeLeast()
    {
        var found = _counts.AsSpan(_cursor).IndexOf(_least);
        if (found >= 0) found += _cursor;
        else
        {
            _least = Least();
            found = _counts.AsSpan().IndexOf(_least);
        }

        _cursor = found + 1 < _capacity ? found + 1 : 0;
        return found;
    }

    private long Least()
    {
        var least = long.MaxValue;
        foreach (var count in _counts.AsSpan()) least = Math.Min(least, count);
        return least;
    }

    // What lies behind a slot that becomes free moves up, where its own place in the table is not behind that.
    private void Unlist(int place)
    {
        var hole = (int)_places[place].Hash & _mask;
        while (_table[hole] != place + 1) hole = (hole + 1) & _mask;
        for (var next = (hole + 1) & _mask; _table[next] != Free; next = (next + 1) & _mask)
        {
            var home = (int)_places[_table[next] - 1].Hash & _mask;
            if (((next - home) & _mask) < ((next - hole) & _mask)) continue;
            _table[hole] = _table[next];
            hole = next;
        }

        _table[hole] = Free;
    }

    private struct Place
    {
        public ulong Hash;
        public int Length;
        public int Partition;

        // The count of the key that had the place before.
        public long Inherited;

        // Since it has the place.
        public long Writes;
    }
}
