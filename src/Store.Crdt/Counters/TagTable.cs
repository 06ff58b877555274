using System.Runtime.InteropServices;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// Operation ids and the executions of each. One alone, as in nearly every delta, is kept without a table; from the second one on there is
/// one. It keeps the executions themselves, so an id costs no object.
/// </summary>
/// <remarks>A mutable struct, kept in one field.</remarks>
internal struct TagTable
{
    // A table with fewer places than this is not worth making smaller.
    private const int SmallTable = 64;

    // The deadline is a matter of the executions.
    private readonly record struct Key(ulong Client, ulong Number)
    {
        public OperationId Id => new(Client, Number, 0);

        public override int GetHashCode() => (Client + (Number * 0x9E3779B97F4A7C15)).GetHashCode();

        public static Key Of(OperationId id) => new(id.Client, id.Number);
    }

    private Key _onlyKey;
    private Executions _only;
    private Dictionary<Key, Executions>? _all;

    /// <summary>How many ids.</summary>
    public readonly int Count => _all?.Count ?? (_only.IsEmpty ? 0 : 1);

    /// <summary>Looks for an id.</summary>
    public readonly bool TryGet(OperationId id, out Executions executions)
    {
        if (_all is not null) return _all.TryGetValue(Key.Of(id), out executions);
        executions = _onlyKey == Key.Of(id) ? _only : default;
        return !executions.IsEmpty;
    }

    /// <summary>Puts an id's executions in place of those there were.</summary>
    /// <returns>The executions there were.</returns>
    public Executions Set(OperationId id, in Executions executions)
    {
        var key = Key.Of(id);
        Executions before;
        if (_all is null && (_only.IsEmpty || _onlyKey == key))
        {
            before = _only;
            (_onlyKey, _only) = (key, executions);
            return before;
        }

        if (_all is null)
        {
            _all = new Dictionary<Key, Executions> { { _onlyKey, _only } };
            _only = default;
        }

        // Writing through a reference leaves enumerators valid.
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_all, key, out _);
        before = held;
        held = executions;
        return before;
    }

    /// <summary>Removes an id. Enumerators stay valid.</summary>
    public void Remove(OperationId id)
    {
        if (_all is not null) _all.Remove(Key.Of(id));
        else if (_onlyKey == Key.Of(id)) _only = default;
    }

    /// <summary>Forgets all ids, and lets go of the table.</summary>
    public void Clear() => this = default;

    /// <summary>Gives back what a table takes that was much larger once. Call it after removing.</summary>
    public void Trim()
    {
        if (_all is null) return;
        if (_all.Count == 0) Clear();
        else if (_all.Capacity > SmallTable && _all.Count < _all.Capacity / 8) _all.TrimExcess(_all.Count * 2);
    }

    /// <summary>
    /// The ids with their executions, in no order that means anything. Ids may be set and removed meanwhile, but not added.
    /// </summary>
    public readonly Enumerator GetEnumerator() => new(this);

    /// <summary>The ids in ascending order.</summary>
    public readonly OperationId[] SortedIds()
    {
        if (_all is null) return _only.IsEmpty ? [] : [_onlyKey.Id];
        var ids = new OperationId[_all.Count];
        var next = 0;
        foreach (var key in _all.Keys) ids[next++] = key.Id;
        Array.Sort(ids);
        return ids;
    }

    /// <summary>The only id, where there is just one and no table.</summary>
    public readonly bool TryGetOnly(out OperationId id, out Executions executions)
    {
        (id, executions) = (_onlyKey.Id, _only);
        return !executions.IsEmpty;
    }

    /// <summary>Goes through the ids.</summary>
    internal struct Enumerator
    {
        private readonly bool _isTable;
        private Dictionary<Key, Executions>.Enumerator _table;
        private KeyValuePair<OperationId, Executions> _only;

        internal Enumerator(in TagTable of)
        {
            _isTable = of._all is not null;
            if (of._all is not null) _table = of._all.GetEnumerator();
            else _only = new KeyValuePair<OperationId, Executions>(of._onlyKey.Id, of._only);
        }

        public KeyValuePair<OperationId, Executions> Current { get; private set; }

        public bool MoveNext()
        {
            if (_isTable)
            {
                if (!_table.MoveNext()) return false;
                Current = new KeyValuePair<OperationId, Executions>(_table.Current.Key.Id, _table.Current.Value);
                return true;
            }

            if (_only.Value.IsEmpty) return false;
            Current = _only;
            _only = default;
            return true;
        }
    }
}
