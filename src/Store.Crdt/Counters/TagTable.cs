using System.Runtime.CompilerServices;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// Operation ids with the executions of each, and what they come to. Two are kept inline, up to <see cref="MostInRow"/> in one row, and
/// more in a hash table.
/// </summary>
/// <param name="withCredits">Whether it is a bounded counter's.</param>
internal sealed class TagTable(bool withCredits)
{
    // So many are looked through faster than hashed.
    private const int MostInRow = 8;

    // A table with less room than this is not worth making smaller.
    private const int SmallTable = 64;

    // In ascending order of id. Not used where there are pages.
    private Inline _two;
    private NamedTag[]? _row;
    private int _inRow;
    private TagPages? _pages;

    // Ids with several executions are rare. Of such an id the others have the first one, and all of them are here.
    private Dictionary<OperationId, Executions>? _several;

    [InlineArray(2)]
    private struct Inline
    {
        private NamedTag _first;
    }

    /// <summary>What a bounded counter will give back for these when they are settled; null for other counters.</summary>
    public Credits? Credits { get; } = withCredits ? new Credits() : null;

    /// <summary>How many of the ids have an execution that was not cancelled.</summary>
    public int Live { get; private set; }

    /// <summary>The sum over the ids, each counted once. Kept while joining, so that reading costs nothing.</summary>
    public Int128 Sum { get; private set; }

    /// <summary>How many ids.</summary>
    public int Count => _pages?.Count ?? _inRow;

    /// <summary>How many places there are, free or not.</summary>
    public int Places => _pages?.Places ?? _inRow;

    private Span<NamedTag> Row => _row is null ? _two : _row;

    /// <summary>Looks for an id.</summary>
    public bool TryGet(OperationId id, out Executions executions)
    {
        executions = default;
        if (_several?.TryGetValue(id, out executions) == true) return true;
        ref var held = ref Find(id);
        if (!Unsafe.IsNullRef(ref held)) executions = new Executions(held);
        return !executions.IsEmpty;
    }

    /// <summary>Puts executions in place of those that an id has. It is held.</summary>
    public void Set(OperationId id, in Executions executions)
    {
        TryGet(id, out var before);
        Find(id) = executions.Span[0];
        if (executions.Span.Length > 1) (_several ??= [])[id] = executions;
        else _several?.Remove(id);
        Account(before, -1);
        Account(executions, 1);
    }

    /// <summary>Adds an id that is not held.</summary>
    public void AddNew(OperationId id, in Executions executions)
    {
        Place(new NamedTag(id, executions.Span[0]));
        if (executions.Span.Length > 1) (_several ??= [])[id] = executions;
        Account(executions, 1);
    }

    /// <summary>Removes an id that is held. Places behind its own may be others then.</summary>
    /// <param name="id">The id.</param>
    /// <param name="executions">What it has.</param>
    public void Remove(OperationId id, in Executions executions)
    {
        Account(executions, -1);
        _several?.Remove(id);
        if (_pages is not null)
        {
            _pages.Remove(id);
            return;
        }

        var index = IndexInRow(id);
        Row[(index + 1).._inRow].CopyTo(Row[index..]);
        _inRow--;
    }

    /// <summary>Gives back what a table takes that was much larger once. Call it after removing.</summary>
    public void Trim()
    {
        if (_several is { Count: 0 }) _several = null;
        if (_pages is not { } old || old.Capacity <= SmallTable || old.Count >= old.Capacity / 8) return;
        _pages = null;
        for (var place = 0; place < old.Places; place++)
            if (old.TryGetAt(place, out var held)) Place(held);
    }

    /// <summary>
    /// The places in ascending order of id, in an array that is lent; null where they are so already.
    /// </summary>
    public int[]? RentAscending() => _pages?.RentAscending();

    /// <summary>What is held at a place.</summary>
    /// <returns>False where the place is free.</returns>
    public bool TryGetAt(int place, out OperationId id, out Executions executions)
    {
        executions = default;
        NamedTag held;
        var isHeld = true;
        if (_pages is null) held = Row[place];
        else isHeld = _pages.TryGetAt(place, out held);
        id = held.Id;
        if (isHeld && _several?.TryGetValue(id, out executions) != true) executions = new Executions(held.Tag);
        return isHeld;
    }

    private ref CounterTag Find(OperationId id)
    {
        if (_pages is not null) return ref _pages.Find(id);
        var index = IndexInRow(id);
        if (index < 0) return ref Unsafe.NullRef<CounterTag>();
        return ref Row[index].Tag;
    }

    private int IndexInRow(OperationId id)
    {
        for (var i = 0; i < _inRow; i++)
            if (Row[i].Is(id)) return i;
        return -1;
    }

    private void Place(in NamedTag tag)
    {
        if (_pages is null && _inRow == Row.Length) Grow();
        if (_pages is not null)
        {
            _pages.Add(tag);
            return;
        }

        var place = _inRow++;
        for (; place > 0 && Row[place - 1].Id.CompareTo(tag.Id) > 0; place--) Row[place] = Row[place - 1];
        Row[place] = tag;
    }

    private void Grow()
    {
        if (_inRow < MostInRow)
        {
            var longer = new NamedTag[_inRow * 2];
            Row.CopyTo(longer);
            _row = longer;
            return;
        }

        _pages = new TagPages();
        foreach (ref readonly var held in Row) _pages.Add(held);
        (_row, _inRow) = (null, 0);
    }

    private void Account(in Executions executions, int sign)
    {
        Sum += sign * executions.Counted;
        Live += executions.IsLive ? sign : 0;
        Credits?.Add(executions.Span, sign);
    }
}
