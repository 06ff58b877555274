namespace Gossipdb.Node.Journal;

/// <summary>
/// What waits to be journaled. Partitions take turns by bytes (deficit round robin), so that what is small shares the next record however
/// many large appends of other partitions wait before
/// it. Of one partition order is kept. Not for several threads.
/// </summary>
/// <param name="journals">How many partitions and stand-ins there are.</param>
internal sealed class AppendQueue(int journals)
{
    // What a partition may append before it is the next one's turn.
    private const int Quantum = 16 * 1024;
    private readonly Queue<CommitLog.Append>?[] _waiting = new Queue<CommitLog.Append>?[journals];
    private readonly long[] _deficits = new long[journals];
    private readonly Queue<int> _turns = new();

    /// <summary>How many appends wait.</summary>
    public int Count { get; private set; }

    /// <summary>Takes an append.</summary>
    public void Enqueue(CommitLog.Append append)
    {
        var waiting = _waiting[append.Journal] ??= new Queue<CommitLog.Append>();
        waiting.Enqueue(append);
        Count++;
        if (waiting.Count == 1) _turns.Enqueue(append.Journal);
    }

    /// <summary>The next append.</summary>
    /// <param name="room">The bytes a record still takes; an empty one takes every append.</param>
    /// <param name="isFirst">Whether the record is empty.</param>
    /// <param name="append">The append.</param>
    /// <returns>False where nothing waits, or the next has no room: small appends that came before it do not wait until a large one is
    /// written.</returns>
    public bool TryDequeue(long room, bool isFirst, out CommitLog.Append append)
    {
        while (_turns.TryPeek(out var journal))
        {
            var waiting = _waiting[journal]!;
            append = waiting.Peek();
            if (_deficits[journal] < append.Bytes)
            {
                _deficits[journal] += Quantum;
                _turns.Enqueue(_turns.Dequeue());
                continue;
            }

            if (!isFirst && append.Bytes > room) return false;
            waiting.Dequeue();
            Count--;
            _deficits[journal] -= append.Bytes;
            if (waiting.Count > 0) return true;
            _turns.Dequeue();
            _deficits[journal] = 0;
            return true;
        }

        append = null!;
        return false;
    }

    /// <summary>Forgets all that waits.</summary>
    public void Clear()
    {
        foreach (var waiting in _waiting) waiting?.Clear();
        _turns.Clear();
        Count = 0;
    }
}
