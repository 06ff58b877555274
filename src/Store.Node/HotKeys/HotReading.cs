namespace Gossipdb.Node.HotKeys;

/// <summary>What was asked for of late.</summary>
/// <param name="WindowMs">Of how many milliseconds that is.</param>
/// <param name="Keys">The keys that were asked for most, the first of them most often.</param>
/// <param name="UnlistedAtMost">No other key was asked for more often.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record HotReading(
    long WindowMs, IReadOnlyList<KeyCount> Keys, long UnlistedAtMost, IReadOnlyList<PartitionCalls> Partitions);
