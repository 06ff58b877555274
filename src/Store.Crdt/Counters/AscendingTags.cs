using System.Buffers;
using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

/// <summary>Goes through <see cref="CounterTags"/> in ascending order of id, by <c>foreach</c>. Nothing may be changed meanwhile.</summary>
internal ref struct AscendingTags
{
    private readonly CounterTags _of;
    private readonly int[]? _places;
    private int _next;

    internal AscendingTags(CounterTags of, int[]? places) => (_of, _places) = (of, places);

    /// <summary>An id with its executions.</summary>
    public KeyValuePair<OperationId, Executions> Current { get; private set; }

    public readonly AscendingTags GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next == _of.Count) return false;
        _of.TryGetAt(_places is null ? _next : _places[_next], out var id, out var executions);
        _next++;
        Current = new KeyValuePair<OperationId, Executions>(id, executions);
        return true;
    }

    public readonly void Dispose()
    {
        if (_places is not null) ArrayPool<int>.Shared.Return(_places);
    }
}
