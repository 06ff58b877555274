using Gossipdb.Replication.Hosting;

namespace Gossipdb.Node.Journal;

/// <summary>
/// How long the journal is, and what of it is still needed. Past its limit every partition is to write an image of its state, the one
/// that holds the oldest record first; once all have, what lies before is cut off. The next limit is at least twice what was left, so
/// that writing images stays a fraction of all writing.
/// </summary>
internal sealed class JournalSpace(int partitions, long leastLimit)
{
    // Ticks until one that could not is asked again.
    private const int PassedOverFor = 100;
    private readonly string?[] _because = new string?[partitions];
    private readonly int[] _passOver = new int[partitions];
    private readonly JournalNeeds[] _needs = [.. Enumerable.Range(0, partitions).Select(_ => new JournalNeeds())];
    private readonly Queue<(long Number, int Bytes)> _records = new();
    private long _bytesAtLastRound;
    private long _roundFrom;
    private long _last;

    /// <summary>The bytes of all records that are not cut off.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of the first record that is not cut off; 0 where there is none.</summary>
    public long First => _records.TryPeek(out var first) ? first.Number : 0;

    /// <summary>Counts a persisted record.</summary>
    public void Add(long number, int bytes)
    {
        _records.Enqueue((number, bytes));
        Bytes += bytes;
        _last = number;
    }

    /// <summary>Notes what a persisted record holds of a partition.</summary>
    public void Note(int partition, long number, ReadOnlySpan<byte> record) => _needs[partition].Note(number, record);

    /// <summary>Notes that a record is damaged, or may be, in what it holds of a partition.</summary>
    public void NoteDamaged(int partition, long number) => _needs[partition].NoteDamaged(number);

    /// <summary>Everybody is to write an image, however long the journal is: something in it is damaged, and is to go.</summary>
    public void BeginRound() => _roundFrom = _last;

    /// <summary>Who was asked last for an image cannot write one now, and why.</summary>
    public void Skip(int partition, string because)
    {
        _because[partition] = because;
        _passOver[partition] = PassedOverFor;
    }

    /// <summary>Who keeps the journal longer than it should be, and why; null where nobody does.</summary>
    public (int Partition, string Because)? HeldBackBy
    {
        get
        {
            if (_roundFrom == 0 || Oldest() is not (>= 0 and var oldest) || _needs[oldest].NeededFrom > _roundFrom) return null;
            return _because[oldest] is { } because ? (oldest, because) : null;
        }
    }

    /// <summary>The partition that is to write an image now; null where there is no need. Call it every tick.</summary>
    public int? NextToSnapshot()
    {
        if (_roundFrom == 0)
        {
            if (Bytes <= Math.Max(leastLimit, 2 * _bytesAtLastRound)) return null;
            _roundFrom = _last;
        }

        var oldest = Oldest(mayAsk: true);
        if (oldest >= 0 && _needs[oldest].NeededFrom <= _roundFrom)
        {
            _because[oldest] = null;
            return oldest;
        }

        if (_needs[Oldest()].NeededFrom <= _roundFrom) return null;

        // Everybody has: the round is over.
        _roundFrom = 0;
        _bytesAtLastRound = Bytes;
        return null;
    }

    // Who holds the oldest record that is needed; of those that may be asked now, -1 where none may.
    private int Oldest(bool mayAsk = false)
    {
        var oldest = -1;
        for (var i = 0; i < _needs.Length; i++)
        {
            if (mayAsk && _passOver[i] > 0 && --_passOver[i] > 0) continue;
            if (oldest < 0 || _needs[i].NeededFrom < _needs[oldest].NeededFrom) oldest = i;
        }

        return oldest;
    }

    /// <summary>What can be cut off by now.</summary>
    /// <param name="upTo">The number of the last record that is not needed.</param>
    public bool TryCut(out long upTo)
    {
        var needed = long.MaxValue;
        foreach (var need in _needs) needed = Math.Min(needed, need.NeededFrom);
        upTo = Math.Min(needed - 1, _last);
        if (!_records.TryPeek(out var first) || first.Number > upTo) return false;
        while (_records.TryPeek(out first) && first.Number <= upTo) Bytes -= _records.Dequeue().Bytes;
        return true;
    }
}
