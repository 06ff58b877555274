using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// Operation ids and the executions of each. One alone, as in nearly every delta, is kept without a table; from the second one on there is
/// one.
/// </summary>
/// <remarks>A mutable struct, kept in one field. The arrays are never changed.</remarks>
internal struct TagTable
{
    // The deadline is a matter of the executions.
    private readonly record struct Key(ulong Client, ulong Number)
    {
        public OperationId Id => new(Client, Number, 0);

        public override int GetHashCode() => (Client + (Number * 0x9E3779B97F4A7C15)).GetHashCode();

        public static Key Of(OperationId id) => new(id.Client, id.Number);
    }

    private Key _onlyKey;
    private CounterTag[]? _only;
    private Dictionary<Key, CounterTag[]>? _all;

    /// <summary>How many ids.</summary>
    public readonly int Count => _all?.Count ?? (_only is null ? 0 : 1);

    /// <summary>Looks for an id.</summary>
    public readonly bool TryGet(OperationId id, [NotNullWhen(true)] out CounterTag[]? executions)
    {
        if (_all is not null) return _all.TryGetValue(Key.Of(id), out executions);
        executions = _only is not null && _onlyKey == Key.Of(id) ? _only : null;
        return executions is not null;
    }

    /// <summary>Puts an id's executions in place of those there were, or removes the id where there are none.</summary>
    /// <returns>The executions there were; null where there were none.</returns>
    public CounterTag[]? Set(OperationId id, CounterTag[] executions)
    {
        var key = Key.Of(id);
        if (_all is null && (_only is null || _onlyKey == key))
        {
            var was = _only;
            _onlyKey = key;
            _only = executions.Length > 0 ? executions : null;
            return was;
        }

        _all ??= new Dictionary<Key, CounterTag[]> { { _onlyKey, _only! } };
        _only = null;

        // Removing, and writing through a reference, leave enumerators valid.
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_all, key);
        if (Unsafe.IsNullRef(ref held))
        {
            if (executions.Length > 0) _all.Add(key, executions);
            return null;
        }

        var before = held;
        if (executions.Length > 0) held = executions;
        else _all.Remove(key);
        return before;
    }

    /// <summary>
    /// The ids with their executions, in no order that means anything. Ids may be set and removed meanwhile, but not added.
    /// </summary>
    public readonly Enumerator GetEnumerator() => new(this);

    /// <summary>The ids in ascending order.</summary>
    public readonly OperationId[] SortedIds()
    {
        if (_all is null) return _only is null ? [] : [_onlyKey.Id];
        var ids = new OperationId[_all.Count];
        var next = 0;
        foreach (var key in _all.Keys) ids[next++] = key.Id;
        Array.Sort(ids);
        return ids;
    }

    /// <summary>The only id, where there is just one and no table.</summary>
    public readonly bool TryGetOnly(out OperationId id, [NotNullWhen(true)] out CounterTag[]? executions)
    {
        (id, executions) = (_onlyKey.Id, _only);
        return executions is not null;
    }

    /// <summary>Goes through the ids.</summary>
    internal struct Enumerator
    {
        private readonly bool _isTable;
        private Dictionary<Key, CounterTag[]>.Enumerator _table;
        private KeyValuePair<OperationId, CounterTag[]>? _only;

        internal Enumerator(TagTable of)
        {
            _isTable = of._all is not null;
            if (of._all is not null) _table = of._all.GetEnumerator();
            else if (of._only is not null) _only = new KeyValuePair<OperationId, CounterTag[]>(of._onlyKey.Id, of._only);
        }

        public KeyValuePair<OperationId, CounterTag[]> Current { get; private set; }

        public bool MoveNext()
        {
            if (_isTable)
            {
                if (!_table.MoveNext()) return false;
                Current = new KeyValuePair<OperationId, CounterTag[]>(_table.Current.Key.Id, _table.Current.Value);
                return true;
            }

            if (_only is not { } only) return false;
            Current = only;
            _only = null;
            return true;
        }
    }
}
