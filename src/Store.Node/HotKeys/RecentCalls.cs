using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.HotKeys;

/// <summary>
/// What clients asked for in the last minute or two, of some partitions: the calls of each, and the keys that were asked for most. Two
/// halves of a minute each are kept, the one under way and the one before it. All counters of a node begin their halves together. Of one
/// thread at a time.
/// </summary>
internal sealed class RecentCalls
{
    /// <summary>How long a half is.</summary>
    public const long HalfMs = 60_000;

    private readonly int _first;
    private readonly int _step;
    private readonly long _sinceMs;
    private Half _now;
    private Half _before;
    private long _number;

    /// <param name="keys">How many keys are counted in a half.</param>
    /// <param name="first">The first of the partitions.</param>
    /// <param name="step">How far they are apart.</param>
    /// <param name="partitions">How many partitions there are in all.</param>
    /// <param name="nowMs">The time, in milliseconds of a steady clock.</param>
    public RecentCalls(int keys, int first, int step, int partitions, long nowMs)
    {
        (_first, _step, _sinceMs, _number) = (first, step, nowMs, nowMs / HalfMs);
        var count = Math.Max(0, (partitions - first + step - 1) / step);
        (_now, _before) = (new Half(keys, count), new Half(keys, count));
    }

    /// <summary>A client asked for something.</summary>
    public void Count(int partition, ClientRequest request, long nowMs)
    {
        Turn(nowMs);
        ref var calls = ref _now.Partitions[(partition - _first) / _step];
        switch (request)
        {
            case WriteRequest { Batch: { } batch }:
                calls.Writes += batch.Count;
                for (var i = 0; i < batch.Count; i++) _now.Keys.Add(batch[i].Key.Span, partition, isWrite: true);
                break;
            case WriteRequest:
                calls.Writes++;
                _now.Keys.Add(request.Key.Span, partition, isWrite: true);
                break;
            case ReadRequest { Keys: { } keys }:
                calls.Reads += keys.Count;
                for (var i = 0; i < keys.Count; i++) _now.Keys.Add(keys[i].Span, partition, isWrite: false);
                break;
            case ReadRequest { Scan: not null }:
                calls.Scans++;
                break;
            default:
                calls.Reads++;
                _now.Keys.Add(request.Key.Span, partition, isWrite: false);
                break;
        }
    }

    /// <summary>A copy of what was counted.</summary>
    public HotCounts Take(long nowMs)
    {
        Turn(nowMs);
        return new HotCounts(nowMs - Math.Max(_sinceMs, (_number - 1) * HalfMs), Copy(_now), Copy(_before));
    }

    private HalfCounts Copy(Half half)
    {
        var partitions = new PartitionCalls[half.Partitions.Length];
        for (var i = 0; i < partitions.Length; i++)
        {
            var calls = half.Partitions[i];
            partitions[i] = new PartitionCalls(_first + (i * _step), calls.Reads, calls.Writes, calls.Scans);
        }

        return new HalfCounts([.. half.Keys.Keys()], half.Keys.UnlistedAtMost, partitions);
    }

    private void Turn(long nowMs)
    {
        var number = nowMs / HalfMs;
        if (number == _number) return;
        (_now, _before) = (_before, _now);
        _now.Clear();
        if (number != _number + 1) _before.Clear();
        _number = number;
    }

    private sealed class Half(int keys, int partitions)
    {
        public SpaceSaving Keys { get; } = new(keys);

        public Calls[] Partitions { get; } = new Calls[partitions];

        public void Clear()
        {
            Keys.Clear();
            Array.Clear(Partitions);
        }
    }

    private struct Calls
    {
        public long Reads;
        public long Writes;
        public long Scans;
    }
}
