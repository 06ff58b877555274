using Gossipdb.Client.Admin;

namespace Gossipdb.Node.HotKeys;

/// <summary>What was asked for of a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Reads">Keys that were read.</param>
/// <param name="Writes">Keys that were written.</param>
/// <param name="Scans">Pages of keys.</param>
internal readonly record struct PartitionCalls(int Partition, long Reads, long Writes, long Scans);

/// <summary>What was counted in a half.</summary>
/// <param name="Keys">The keys that have a place, in no order.</param>
/// <param name="UnlistedAtMost">No other key was asked for more often.</param>
/// <param name="Partitions">The partitions, by number.</param>
internal sealed record HalfCounts(KeyCount[] Keys, long UnlistedAtMost, PartitionCalls[] Partitions);

/// <summary>A copy of what was counted of late, made in the lane. What is made of it needs no lane.</summary>
/// <param name="WindowMs">Of how many milliseconds it is.</param>
/// <param name="Now">The half under way.</param>
/// <param name="Before">The half before it.</param>
internal sealed record HotCounts(long WindowMs, HalfCounts Now, HalfCounts Before)
{
    /// <summary>Both halves as one.</summary>
    public HotReading Merge() => new(
        WindowMs,
        [
            .. TallyMerge.Of([Tallies(Now), Tallies(Before)]).Select(static one =>
                new KeyCount(one.Key, one.Partition, (long)one.AtMost, (long)one.Reads, (long)one.Writes)),
        ],
        Now.UnlistedAtMost + Before.UnlistedAtMost,
        [
            .. Now.Partitions.Zip(Before.Partitions, static (now, before) => new PartitionCalls(
                now.Partition, now.Reads + before.Reads, now.Writes + before.Writes, now.Scans + before.Scans)),
        ]);

    private static Tallies<HotKey> Tallies(HalfCounts half)
    {
        var calls = half.Partitions.ToDictionary(static one => one.Partition, static one => one.Reads + one.Writes);
        return new(
            [.. half.Keys.Select(static key => new KeyTally<HotKey>(key.Key, key.Partition, key.AtMost, key.Reads, key.Writes))],
            half.UnlistedAtMost,
            partition => calls[partition]);
    }
}
