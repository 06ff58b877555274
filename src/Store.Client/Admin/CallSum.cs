namespace Gossipdb.Client.Admin;

/// <summary>
/// How long calls took, in buckets: up to 3 µs one each, then four of equal width to every doubling, up to 2^26 µs, which is a minute and
/// more. The node and the client compile it each for itself.
/// </summary>
internal static class LatencyBuckets
{
    /// <summary>How many there are. The last has all above.</summary>
    public const int Count = 108;

    /// <summary>The bucket that a time belongs to.</summary>
    public static int Of(long microseconds)
    {
        if (microseconds < 4) return (int)Math.Max(0, microseconds);
        var doubling = System.Numerics.BitOperations.Log2((ulong)microseconds);
        return Math.Min(Count - 1, ((doubling - 1) * 4) + (int)((microseconds >> (doubling - 2)) & 3));
    }

    /// <summary>The least time, in microseconds, that belongs to the buckets above one.</summary>
    public static long EndOf(int bucket) => bucket < 4 ? bucket + 1 : (long)(4 + (bucket % 4) + 1) << ((bucket / 4) - 1);
}

/// <summary>
/// What was asked between two looks at the counters of a node, or of several: the sums of the differences. Counters that began anew count
/// from zero, so nothing is ever less than none. The node and the client compile it each for itself.
/// </summary>
internal sealed class CallSum
{
    private readonly long[] _latencies = new long[LatencyBuckets.Count];
    private readonly SortedDictionary<string, long> _failed = new(StringComparer.Ordinal);

    /// <summary>Calls that were done.</summary>
    public long Done { get; private set; }

    /// <summary>Calls that failed, by their code.</summary>
    public IReadOnlyDictionary<string, long> Failed => _failed;

    /// <summary>Calls that failed, whatever their code.</summary>
    public long FailedInAll { get; private set; }

    /// <summary>Whether there was any call.</summary>
    public bool HasSome => Done > 0 || FailedInAll > 0;

    /// <summary>Whether both looks saw the counters of the same process.</summary>
    public static bool IsSameProcess(int processBefore, long uptimeMsBefore, int process, long uptimeMs) =>
        processBefore == process && uptimeMsBefore <= uptimeMs;

    /// <summary>Adds calls that were done, by how long they took.</summary>
    /// <param name="now">Counts of each bucket; those behind the last that is not 0 may be left out.</param>
    /// <param name="before">The same at the look before; null where the counters began anew.</param>
    public void Add(IReadOnlyList<long> now, IReadOnlyList<long>? before)
    {
        for (var i = 0; i < now.Count; i++)
        {
            var more = Math.Max(0, now[i] - (i < before?.Count ? before[i] : 0));
            _latencies[Math.Min(i, _latencies.Length - 1)] += more;
            Done += more;
        }
    }

    /// <summary>Adds calls that failed.</summary>
    public void AddFailures(string code, long now, long before)
    {
        if (now <= before) return;
        _failed[code] = _failed.GetValueOrDefault(code) + now - before;
        FailedInAll += now - before;
    }

    /// <summary>Adds what another sum has.</summary>
    public void Add(CallSum other)
    {
        Add(other._latencies, before: null);
        foreach (var (code, count) in other._failed) AddFailures(code, count, 0);
    }

    /// <summary>The time in microseconds within which so large a part of the calls was done; 0 where there was none.</summary>
    /// <param name="share">The part: above 0, up to 1.</param>
    public long Quantile(double share)
    {
        var wanted = (long)Math.Ceiling(Done * share);
        for (var i = 0; Done > 0 && i < _latencies.Length; i++)
            if ((wanted -= _latencies[i]) <= 0) return LatencyBuckets.EndOf(i);
        return 0;
    }
}
