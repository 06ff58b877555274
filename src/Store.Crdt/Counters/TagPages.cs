using System.Buffers;
using System.Runtime.CompilerServices;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// A hash table of operation ids, each with one execution. What is held lies in pages of equal size, chained by place.
/// So growing copies only the chains' heads, a place that becomes free is used again, and no array is large, however many ids there are.
/// Nothing in a page is a reference: the garbage collector need not look into it.
/// </summary>
internal sealed class TagPages
{
    private const int PageBits = 5;
    private const int PageSize = 1 << PageBits;
    private const int LeastSize = 16;

    // A free place holds none. Its next place is the next free one.
    private struct Place
    {
        public NamedTag Held;
        public int Next;
    }

    // Places are counted from 1 in all chains. 0 ends a chain.
    private int[] _heads = new int[LeastSize];
    private Place[][] _pages = [new Place[LeastSize]];
    private int _used;
    private int _free;

    // Noted once there is more than one page: before, looking for an id costs little.
    private NewestNumbers _newest;

    /// <summary>How many ids.</summary>
    internal int Count { get; private set; }

    /// <summary>How many ids there is room for.</summary>
    internal int Capacity => _pages.Length == 1 ? _pages[0].Length : _pages.Length * PageSize;

    /// <summary>How many places there are, free or not.</summary>
    internal int Places => _used;

    /// <summary>
    /// The execution of an id, to be read or written until the next <see cref="Add"/>; a null reference where the id is not held.
    /// </summary>
    internal ref CounterTag Find(OperationId id)
    {
        if (_pages.Length > 1 && _newest.IsNewer(id.Client, id.Number)) return ref Unsafe.NullRef<CounterTag>();
        for (var next = _heads[HeadOf(id.Client, id.Number)]; next != 0;)
        {
            ref var place = ref At(next - 1);
            if (place.Held.Is(id)) return ref place.Held.Tag;
            next = place.Next;
        }

        return ref Unsafe.NullRef<CounterTag>();
    }

    /// <summary>Adds an id that is not held.</summary>
    internal void Add(in NamedTag tag)
    {
        int index;
        if (_free != 0)
        {
            index = _free - 1;
            _free = At(index).Next;
        }
        else
        {
            if (_used == Capacity) Grow();
            index = _used++;
        }

        ref var head = ref _heads[HeadOf(tag.Client, tag.Number)];
        At(index) = new Place { Held = tag, Next = head };
        head = index + 1;
        Count++;
        if (_pages.Length > 1) _newest.Note(tag.Client, tag.Number);
    }

    /// <summary>Removes an id, if it is held. No other one changes its place.</summary>
    internal void Remove(OperationId id)
    {
        ref var link = ref _heads[HeadOf(id.Client, id.Number)];
        while (link != 0)
        {
            var index = link - 1;
            ref var place = ref At(index);
            if (place.Held.Is(id))
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

    /// <summary>What is held at a place.</summary>
    /// <returns>False where the place is free.</returns>
    internal bool TryGetAt(int place, out NamedTag held)
    {
        held = At(place).Held;
        return !held.IsNone;
    }

    /// <summary>The places that are held, in ascending order of id: the first <see cref="Count"/> of an array that is lent.</summary>
    internal int[] RentAscending()
    {
        var places = ArrayPool<int>.Shared.Rent(Count);
        var keys = ArrayPool<ulong>.Shared.Rent(Count);
        var count = 0;
        var isOneClient = true;
        for (var index = 0; index < _used; index++)
        {
            var client = At(index).Held.Client;
            if (client == 0) continue;
            (keys[count], places[count]) = (client, index);
            isOneClient &= client == keys[0];
            count++;
        }

        // By client, and then those of each client by number: so only plain numbers are compared.
        if (!isOneClient) Array.Sort(keys, places, 0, count);
        for (int from = 0, to = 0; from < count; from = to)
        {
            var client = keys[from];
            for (; to < count && keys[to] == client; to++) keys[to] = At(places[to]).Held.Number;
            Array.Sort(keys, places, from, to - from);
        }

        ArrayPool<ulong>.Shared.Return(keys);
        return places;
    }

    private ref Place At(int index) => ref _pages[index >> PageBits][index & (PageSize - 1)];

    private int HeadOf(ulong client, ulong number) => (int)(((client + number) * 0x9E3779B97F4A7C15) >> 32) & (_heads.Length - 1);

    private void Grow()
    {
        // The first page begins small: most counters have few ids.
        if (_pages[0].Length < PageSize)
        {
            Array.Resize(ref _pages[0], _pages[0].Length * 2);
        }
        else
        {
            if (_pages.Length == 1)
                foreach (ref readonly var place in _pages[0].AsSpan()) _newest.Note(place.Held.Client, place.Held.Number);
            _pages = [.. _pages, new Place[PageSize]];
        }

        if (Capacity <= _heads.Length) return;
        _heads = new int[_heads.Length * 2];
        for (var index = 0; index < _used; index++)
        {
            ref var place = ref At(index);
            ref var head = ref _heads[HeadOf(place.Held.Client, place.Held.Number)];
            place.Next = head;
            head = index + 1;
        }
    }
}
