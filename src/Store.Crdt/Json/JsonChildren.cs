namespace Gossipdb.Crdt;

/// <summary>The fields of an object, by name, or the elements of an array, by <see cref="JsonPosition"/>.</summary>
internal sealed class JsonChildren
{
    private readonly Dictionary<Bytes, JsonCell> _cells = [];
    private OrderedIndex<Bytes>? _visible;
    private int _visibleCount;

    internal int Count => _visibleCount;

    internal bool IsEmpty => _cells.Count == 0;

    /// <summary>About how many bytes the encoding takes.</summary>
    internal long ApproximateBytes { get; private set; }

    internal JsonCell? Find(Bytes key) => _cells.GetValueOrDefault(key);

    /// <summary>The keys of the visible children from a position on, in ascending order. Costs O(log n + answer) but for the first time.</summary>
    internal Bytes[] Keys(int start, int limit)
    {
        _visible ??= BuildIndex();
        return _visible.Range(start, limit);
    }

    /// <summary>Holds a child not held yet, as it is.</summary>
    internal bool TryAdd(Bytes key, JsonCell cell)
    {
        if (!_cells.TryAdd(key, cell)) return false;
        Account(key, false, 0, cell.IsVisible, Weight(key, cell));
        return true;
    }

    /// <summary>Joins children, each by key; null is none. Those a complete other side does not name are joined with nothing.</summary>
    internal static JsonChildren? Join(JsonChildren? mine, VersionVector clock, JsonChildren? theirs, bool isComplete, VersionVector otherClock)
    {
        if (mine is not null && isComplete)
        {
            // Removing is what an enumerator of a dictionary survives.
            foreach (var (key, cell) in mine._cells)
            {
                if (theirs?.Find(key) is null) mine.Join(key, cell, clock, null, otherClock);
            }
        }

        if (theirs is not null)
        {
            mine ??= new JsonChildren();
            foreach (var (key, cell) in theirs._cells) mine.Join(key, mine.Find(key), clock, cell, otherClock);
        }

        return mine is { IsEmpty: false } ? mine : null;
    }

    /// <summary>The children with something the clock does not cover; null where there are none.</summary>
    internal JsonChildren? Above(VersionVector since)
    {
        JsonChildren? result = null;
        foreach (var (key, cell) in _cells)
        {
            if (cell.Above(since) is { } change) (result ??= new JsonChildren()).TryAdd(key, change);
        }

        return result;
    }

    internal Bytes[] SortedKeys()
    {
        var keys = new Bytes[_cells.Count];
        _cells.Keys.CopyTo(keys, 0);
        if (keys.Length > 1) Array.Sort(keys);
        return keys;
    }

    private void Join(Bytes key, JsonCell? mine, VersionVector clock, JsonCell? theirs, VersionVector otherClock)
    {
        var isHeld = mine is not null;
        mine ??= new JsonCell();
        var (wasVisible, weight) = isHeld ? (mine.IsVisible, Weight(key, mine)) : (false, 0);
        mine.Join(clock, theirs, otherClock);
        if (!mine.IsBottom)
        {
            if (!isHeld) _cells.Add(key, mine);
            Account(key, wasVisible, weight, mine.IsVisible, Weight(key, mine));
        }
        else if (isHeld)
        {
            _cells.Remove(key);
            Account(key, wasVisible, weight, false, 0);
        }
    }

    private void Account(Bytes key, bool wasVisible, long weight, bool isVisible, long newWeight)
    {
        ApproximateBytes += newWeight - weight;
        if (wasVisible == isVisible) return;
        _visibleCount += isVisible ? 1 : -1;
        if (isVisible) _visible?.Add(key);
        else _visible?.Remove(key, out _);
    }

    private static long Weight(Bytes key, JsonCell cell) => 1 + key.Length + cell.ApproximateBytes;

    private OrderedIndex<Bytes> BuildIndex()
    {
        var keys = new Bytes[_visibleCount];
        var count = 0;
        foreach (var (key, cell) in _cells)
        {
            if (cell.IsVisible) keys[count++] = key;
        }

        Array.Sort(keys);
        return OrderedIndex<Bytes>.Build(keys);
    }
}
