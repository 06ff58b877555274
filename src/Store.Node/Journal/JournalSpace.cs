using Gossipdb.Replication;

namespace Gossipdb.Node.Journal;

/// <summary>
/// How long the journal is, and what of it is still needed. Past its limit every partition is to write an image of its state, the one that holds the oldest record first; once
/// all have, what lies before is cut off. The next limit is at least twice what was left, so that writing images stays a fraction of all writing.
/// </summary>
internal sealed class JournalSpace(int partitions, long leastLimit)
{
    private readonly JournalNeeds[] _needs = [.. Enumerable.Range(0, partitions).Select(_ => new JournalNeeds())];
    private readonly Queue<(long Number, int Bytes)> _records = new();
    private long _bytesAtLastRound;
    private long _roundFrom;
    private long _last;

    /// <summary>The bytes of all records that are not cut off.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts a persisted record.</summary>
    public void Add(long number, int bytes)
    {
        _records.Enqueue((number, bytes));
        Bytes += bytes;
        _last = number;
    }

    /// <summary>Notes what a persisted record holds of a partition.</summary>
    public void Note(int partition, long number, ReadOnlySpan<byte> record) => _needs[partition].Note(number, record);

    /// <summary>The partition that is to write an image now; null where there is no need.</summary>
    public int? NextToSnapshot()
    {
        if (_roundFrom == 0)
        {
            if (Bytes <= Math.Max(leastLimit, 2 * _bytesAtLastRound)) return null;
            _roundFrom = _last;
        }

        var oldest = 0;
        for (var i = 1; i < _needs.Length; i++)
            if (_needs[i].NeededFrom < _needs[oldest].NeededFrom) oldest = i;
        if (_needs[oldest].NeededFrom <= _roundFrom) return oldest;

        // Everybody has: the round is over.
        _roundFrom = 0;
        _bytesAtLastRound = Bytes;
        return null;
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
