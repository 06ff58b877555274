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

    /// <summary>The ids with their executions, in ascending order. Nothing may be changed meanwhile.</summary>
    public readonly AscendingTags Ascending() => new(this);

    /// <summary>The places in ascending order of id, in an array that is lent; null where there is no table, and place 0 alone.</summary>
    internal readonly int[]? RentAscending() => _all?.RentAscending();

    /// <summary>What is held at a place.</summary>
    /// <returns>False where the place is free.</returns>
    internal readonly bool TryGetAt(int place, out OperationId id, out Executions executions)
    {
        executions = default;
        if (_all is null) (id, executions) = (OnlyId, _only);
        else if (!_all.TryGetAt(place, out id, out var tag)) return false;
        else if (_several?.TryGetValue(id, out executions) != true) executions = new Executions(tag);
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
            while (_next < (_of._all?.Places ?? 1))
            {
                if (!_of.TryGetAt(_next++, out var id, out var executions)) continue;
                Current = new KeyValuePair<OperationId, Executions>(id, executions);
                return true;
            }

            return false;
        }
    }
}
