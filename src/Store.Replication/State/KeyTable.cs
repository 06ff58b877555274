using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// A hash table of keys and what they hold. What is held lies in pages of equal size, chained by place. So growing copies only the chains'
/// heads, a place that becomes free is used again, and there is no slack beyond a page.
/// </summary>
internal sealed class KeyTable : IEnumerable<KeyValuePair<Bytes, KeyEntry>>
{
    private const int PageBits = 10;
    private const int PageSize = 1 << PageBits;

    // A free place has no entry. Its next place is the next free one.
    private struct Place
    {
        public Bytes Key;
        public KeyEntry? Entry;
        public int Hash;
        public int Next;
    }

    // Places are counted from 1 in all chains. 0 ends a chain.
    private int[] _heads = new int[4];
    private Place[][] _pages = [new Place[4]];
    private int _used;
    private int _free;

    /// <summary>How many keys.</summary>
    public int Count { get; private set; }

    /// <summary>Looks for a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="known">The key as it is held: the same bytes, in an array that is there already.</param>
    /// <param name="entry">What it holds.</param>
    public bool TryGet(ReadOnlySpan<byte> key, out Bytes known, [NotNullWhen(true)] out KeyEntry? entry)
    {
        var hash = HashOf(key);
        for (var next = _heads[hash & (_heads.Length - 1)]; next != 0;)
        {
            ref var place = ref At(next - 1);
            if (place.Hash == hash && place.Key.Span.SequenceEqual(key))
            {
                (known, entry) = (place.Key, place.Entry!);
                return true;
            }

            next = place.Next;
        }

        (known, entry) = (default, null);
        return false;
    }

    /// <summary>Adds a key that is not held.</summary>
    public void Add(Bytes key, KeyEntry entry)
    {
        int index;
        if (_free != 0)
        {
            index = _free - 1;
            _free = At(index).Next;
        }
        else
        {
            if (_used == (_pages.Length == 1 ? _pages[0].Length : _pages.Length * PageSize)) Grow();
            index = _used++;
        }

        var hash = HashOf(key.Span);
        ref var head = ref _heads[hash & (_heads.Length - 1)];
        At(index) = new Place { Key = key, Entry = entry, Hash = hash, Next = head };
        head = index + 1;
        Count++;
    }

    /// <summary>Removes a key that is held.</summary>
    public void Remove(Bytes key)
    {
        ref var link = ref _heads[HashOf(key.Span) & (_heads.Length - 1)];
        while (link != 0)
        {
            var index = link - 1;
            ref var place = ref At(index);
            if (place.Key == key)
            {
                link = place.Next;
                place = new Place { Next = _free };
                _free = index + 1;
                Count--;
                return;
            }

            link = ref place.Next;
        }
    }

    /// <summary>How many places there are, free ones too. A key keeps its place.</summary>
    public int Places => _used;

    /// <summary>The key at a place; false where the place is free.</summary>
    public bool TryPlace(int place, out Bytes key, [NotNullWhen(true)] out KeyEntry? entry)
    {
        ref var at = ref At(place);
        (key, entry) = (at.Key, at.Entry);
        return entry is not null;
    }

    /// <summary>Removes all keys, and lets go of the room they had.</summary>
    public void Clear()
    {
        _heads = new int[4];
        _pages = [new Place[4]];
        (_used, _free, Count) = (0, 0, 0);
    }

    /// <summary>The keys with what they hold, in no order that means anything. Nothing may be added meanwhile.</summary>
    public IEnumerator<KeyValuePair<Bytes, KeyEntry>> GetEnumerator()
    {
        for (var index = 0; index < _used; index++)
        {
            var place = At(index);
            if (place.Entry is not null) yield return new KeyValuePair<Bytes, KeyEntry>(place.Key, place.Entry);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // The upper half: all keys of a partition have the lower bits in common, which say what partition they are of.
    private static int HashOf(ReadOnlySpan<byte> key) => (int)(XxHash3.HashToUInt64(key) >> 32);

    private ref Place At(int index) => ref _pages[index >> PageBits][index & (PageSize - 1)];

    private void Grow()
    {
        if (_pages[0].Length < PageSize) Array.Resize(ref _pages[0], _pages[0].Length * 2);
        else _pages = [.. _pages, new Place[PageSize]];
        if (_used < _heads.Length) return;
        _heads = new int[_heads.Length * 2];
        for (var index = 0; index < _used; index++)
        {
            ref var place = ref At(index);
            ref var head = ref _heads[place.Hash & (_heads.Length - 1)];
            place.Next = head;
            head = index + 1;
        }
    }
}
