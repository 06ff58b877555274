using System.Runtime.CompilerServices;

namespace Gossipdb.Replication.State;

/// <summary>A queue whose items can be looked at by index, the oldest first.</summary>
internal sealed class Ring<T>
{
    // The length is a power of two: an index wraps around by a mask.
    private T[] _items = [];
    private int _first;

    /// <summary>How many items.</summary>
    public int Count { get; private set; }

    /// <summary>An item: 0 is the oldest one.</summary>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _items[(_first + index) & (_items.Length - 1)];
        }
    }

    /// <summary>Adds an item behind all others.</summary>
    public void Add(T item)
    {
        if (Count == _items.Length) Grow();
        _items[(_first + Count++) & (_items.Length - 1)] = item;
    }

    /// <summary>Takes out the oldest item.</summary>
    public T RemoveFirst()
    {
        var oldest = this[0];
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) this[0] = default!;
        _first = (_first + 1) & (_items.Length - 1);
        Count--;
        return oldest;
    }

    /// <summary>Takes out all items, and lets go of the room they had.</summary>
    public void Clear() => (_items, _first, Count) = ([], 0, 0);

    private void Grow()
    {
        var grown = new T[Math.Max(4, _items.Length * 2)];
        for (var i = 0; i < Count; i++) grown[i] = this[i];
        (_items, _first) = (grown, 0);
    }
}
