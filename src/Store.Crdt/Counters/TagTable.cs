using System.Runtime.CompilerServices;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// Operation ids and the executions of each. One alone, as in nearly every delta, is kept without a table; from the second one on there is
/// one.
/// </summary>
/// <remarks>A mutable struct, kept in one field.</remarks>
internal struct TagTable
{
    // A table with less room than this is not worth making smaller.
    private const int SmallTable = 64;

    // The deadline is a matter of the executions.
    private (ulong Client, ulong Number) _onlyId;
    private Executions _only;
    private TagPages? _all;

    // Ids with several executions are rare. Of such an id the table has the first one, and all of them are here.
    private Dictionary<OperationId, Executions>? _several;

    private readonly OperationId OnlyId => new(_onlyId.Client, _onlyId.Number, 0);

    /// <summary>How many ids.</summary>
    public readonly int Count => _all?.Count ?? (_only.IsEmpty ? 0 : 1);

    /// <summary>Looks for an id.</summary>
    public readonly bool TryGet(OperationId id, out Executions executions)
    {
        executions = default;
        if (_all is null)
        {
            if (IsOnly(id)) executions = _only;
        }
        else if (_several?.TryGetValue(id, out executions) != true)
        {
            ref var held = ref _all.Find(id);
            if (!Unsafe.IsNullRef(ref held)) executions = new Executions(held);
        }

        return !executions.IsEmpty;
    }

    /// <summary>Puts an id's executions in place of those there were.</summary>
    /// <returns>The executions there were.</returns>
    public Executions Set(OperationId id, in Executions executions)
    {
        if (!TryGet(id, out var before)) AddNew(id, executions);
        else if (_all is null) _only = executions;
        else Put(id, executions, ref _all.Find(id));
        return before;
    }

    /// <summary>Adds an id that is not held.</summary>
    public void AddNew(OperationId id, in Executions executions)
    {
        if (_all is null && _only.IsEmpty)
        {
            (_onlyId, _only) = ((id.Client, id.Number), executions);
            return;
        }

        if (_all is null)
        {
            _all = new TagPages();
            Put(OnlyId, _only, ref Unsafe.NullRef<CounterTag>());
            _only = default;
        }

        Put(id, executions, ref Unsafe.NullRef<CounterTag>());
    }

    /// <summary>Removes an id. Enumerators stay valid.</summary>
    public void Remove(OperationId id)
    {
        _several?.Remove(id);
        if (_all is not null) _all.Remove(id);
        else if (IsOnly(id)) _only = default;
    }

    /// <summary>Forgets all ids, and lets go of the table.</summary>
    public void Clear() => this = default;

    /// <summary>Gives back what a table takes that was much larger once. Call it after removing.</summary>
    public void Trim()
    {
        if (_several is { Count: 0 }) _several = null;
        if (_all is null || (_all.Count > 0 && (_all.Capacity <= SmallTable || _all.Count >= _all.Capacity / 8))) return;
        var old = this;
        Clear();
        foreach (var (id, executions) in old) Set(id, executions);
    }

    /// <summary>
    /// The ids with their executions, in no order that means anything. Ids may be set and removed meanwhile, but not added.
    /// </summary>
    public readonly Enumerator GetEnumerator() => new(this);

    /// <summary>The ids in ascending order.</summary>
    public readonly OperationId[] SortedIds()
    {
        var ids = new OperationId[Count];
        var next = 0;
        foreach (var (id, _) in this) ids[next++] = id;
        Array.Sort(ids);
        return ids;
    }

    /// <summary>The only id, where there is just one and no table.</summary>
    public readonly bool TryGetOnly(out OperationId id, out Executions executions)
    {
        (id, executions) = (OnlyId, _only);
        return !executions.IsEmpty;
    }

    private readonly bool IsOnly(OperationId id) => _onlyId.Client == id.Client && _onlyId.Number == id.Number;

    private void Put(OperationId id, in Executions executions, ref CounterTag held)
    {
        ref readonly var first = ref executions.Span[0];
        if (Unsafe.IsNullRef(ref held)) _all!.Add(id, first);
        else held = first;
        if (executions.Span.Length > 1) (_several ??= [])[id] = executions;
        else _several?.Remove(id);
    }

    /// <summary>Goes through the ids.</summary>
    internal struct Enumerator
    {
        private readonly TagTable _of;
        private int _next;

        internal Enumerator(in TagTable of) => _of = of;

        public KeyValuePair<OperationId, Executions> Current { get; private set; }

        public bool MoveNext()
        {
            if (_of._all is not { } all)
            {
                Current = new KeyValuePair<OperationId, Executions>(_of.OnlyId, _of._only);
                return _next++ == 0 && !_of._only.IsEmpty;
            }

            while (_next < all.Places)
            {
                if (!all.TryGetAt(_next++, out var id, out var tag)) continue;
                Executions several = default;
                var isOne = _of._several?.TryGetValue(id, out several) != true;
                Current = new KeyValuePair<OperationId, Executions>(id, isOne ? new Executions(tag) : several);
                return true;
            }

            return false;
        }
    }
}
