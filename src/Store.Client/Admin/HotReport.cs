using Gossipdb.Client.Admin;

namespace Gossipdb.Client;

/// <summary>
/// The keys and partitions that clients asked for most in the last one to two minutes, of one node or of several together. A call counts at
/// the node that coordinates it, an owner or a stand-in, once for each key it names: so it counts once in the cluster. What other replicas
/// do for it does not count. All rates are calls a second.
/// <para>Keys are counted in bounded memory. So a key's rate is known between two bounds, and no key that is not listed was asked for more
/// often than <see cref="UnlistedAtMost"/>.</para>
/// </summary>
public sealed record HotReport
{
    /// <summary>The nodes whose calls these are.</summary>
    public IReadOnlyList<int> Nodes { get; init; } = [];

    /// <summary>Whether all of them count keys: <c>gossipdb.hot-keys.enabled</c>.</summary>
    public bool IsCounting { get; init; }

    /// <summary>How far back the counts go; of several nodes, the longest.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>All keys asked for, a second.</summary>
    public double PerSecond { get; init; }

    /// <summary>The keys asked for most, the first of them most often for certain.</summary>
    public IReadOnlyList<HotKey> Keys { get; init; } = [];

    /// <summary>No other key was asked for more often, a second.</summary>
    public double UnlistedAtMost { get; init; }

    /// <summary>The partitions asked for, the busiest first.</summary>
    public IReadOnlyList<HotPartition> Partitions { get; init; } = [];

    /// <summary>What several nodes say, as one. The bounds hold for the whole.</summary>
    /// <param name="reports">One of each node.</param>
    public static HotReport Merge(IEnumerable<HotReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var all = reports.ToList();
        var total = all.Sum(static one => one.PerSecond);
        return new HotReport
        {
            Nodes = [.. all.SelectMany(static one => one.Nodes).Distinct().Order()],
            IsCounting = all.Count > 0 && all.TrueForAll(static one => one.IsCounting),
            Window = all.Count == 0 ? TimeSpan.Zero : all.Max(static one => one.Window),
            PerSecond = total,
            Keys = [.. TallyMerge.Of(all.ConvertAll(TalliesOf)).Select(tally => HotKey.Of(tally, total))],
            UnlistedAtMost = all.Sum(static one => one.UnlistedAtMost),
            Partitions =
            [
                .. all.SelectMany(static one => one.Partitions)
                    .GroupBy(static one => one.Partition)
                    .Select(same => HotPartition.Of(
                        same.Key,
                        same.Sum(static one => one.Reads),
                        same.Sum(static one => one.Writes),
                        same.Sum(static one => one.Scans),
                        total))
                    .OrderByDescending(static one => one.PerSecond)
                    .ThenBy(static one => one.Partition),
            ],
        };
    }

    private static Tallies<HotKeyName> TalliesOf(HotReport report)
    {
        var partitions = report.Partitions.ToDictionary(static one => one.Partition, static one => one.Reads + one.Writes);
        return new(
            [.. report.Keys.Select(static key => new KeyTally<HotKeyName>(key.Name, key.Partition, key.AtMost, key.Reads, key.Writes))],
            report.UnlistedAtMost,
            partition => partitions.GetValueOrDefault(partition));
    }
}

/// <summary>A key that clients ask for often.</summary>
public sealed record HotKey
{
    /// <summary>The key; of a long one, how it begins.</summary>
    public Bytes Key { get; init; } = new(ReadOnlySpan<byte>.Empty);

    /// <summary>How many bytes it has.</summary>
    public int Length { get; init; }

    /// <summary>Whether <see cref="Key"/> is only how it begins.</summary>
    public bool IsCut => Key.Length < Length;

    /// <summary>Its partition.</summary>
    public int Partition { get; init; }

    /// <summary>It was asked for so often at least, a second.</summary>
    public double AtLeast => Reads + Writes;

    /// <summary>It was asked for so often at most, a second.</summary>
    public double AtMost { get; init; }

    /// <summary>It was read so often at least, a second.</summary>
    public double Reads { get; init; }

    /// <summary>It was written so often at least, a second.</summary>
    public double Writes { get; init; }

    /// <summary>Its part of all keys asked for at least: 0 to 1.</summary>
    public double Share { get; init; }

    internal ulong Hash { get; init; }

    internal HotKeyName Name => new(Key, Length, Hash);

    internal static HotKey Of(KeyTally<HotKeyName> tally, double total) => new()
    {
        Key = tally.Key.Kept,
        Length = tally.Key.Length,
        Hash = tally.Key.Hash,
        Partition = tally.Partition,
        AtMost = tally.AtMost,
        Reads = tally.Reads,
        Writes = tally.Writes,
        Share = total > 0 ? Math.Min(1, tally.AtLeast / total) : 0,
    };
}

/// <summary>What is asked for of a partition.</summary>
public sealed record HotPartition
{
    /// <summary>The partition.</summary>
    public int Partition { get; init; }

    /// <summary>Keys read, a second.</summary>
    public double Reads { get; init; }

    /// <summary>Keys written, a second.</summary>
    public double Writes { get; init; }

    /// <summary>Pages of keys, a second.</summary>
    public double Scans { get; init; }

    /// <summary>Keys asked for, a second.</summary>
    public double PerSecond => Reads + Writes;

    /// <summary>Its part of all keys asked for: 0 to 1.</summary>
    public double Share { get; init; }

    internal static HotPartition Of(int partition, double reads, double writes, double scans, double total) => new()
    {
        Partition = partition,
        Reads = reads,
        Writes = writes,
        Scans = scans,
        Share = total > 0 ? (reads + writes) / total : 0,
    };
}
