using Gossipdb.Cli.Connecting;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>What every node said of itself, and what follows from it.</summary>
internal sealed class StatusReport(ClusterDescription cluster, IReadOnlyList<NodeAnswer<NodeStatus>> answers, bool withDigests)
{
    public ClusterDescription Cluster { get; } = cluster;

    public IReadOnlyList<NodeAnswer<NodeStatus>> Answers { get; } = answers;

    public bool WithDigests { get; } = withDigests;

    public IReadOnlyList<NodeStatus> Live { get; } = [.. answers.Select(static answer => answer.Value).OfType<NodeStatus>()];

    /// <summary>Keys and fields of maps that hold more than one type, of every node.</summary>
    public IReadOnlyList<string> Conflicts => [.. Live.SelectMany(static node => node.Conflicts).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// How many changes some live owner has applied and this node has not, over its partitions. Of a node that does not answer, what
    /// the others last heard of it; null where some owner never did.
    /// </summary>
    public long? LagOf(int node)
    {
        if (Live.FirstOrDefault(live => live.Node == node) is not { } self) return LastHeardLagOf(node);
        var own = self.Partitions.ToDictionary(
            static partition => partition.Partition,
            static partition => partition.Applied.ToDictionary(static entry => entry.Replica, static entry => entry.Sequence));
        return Live.Where(other => other.Node != node)
            .SelectMany(static other => other.Partitions)
            .Where(partition => own.ContainsKey(partition.Partition))
            .SelectMany(static partition => partition.Applied.Select(entry => (partition.Partition, entry.Replica, entry.Sequence)))
            .GroupBy(static entry => (entry.Partition, entry.Replica))
            .Sum(entries => Math.Max(
                0, entries.Max(static entry => entry.Sequence) - own[entries.Key.Partition].GetValueOrDefault(entries.Key.Replica)));
    }

    private long? LastHeardLagOf(int node)
    {
        var known = Live.Where(other => other.Node != node)
            .SelectMany(static other => other.Partitions)
            .SelectMany(partition => partition.Lags.Where(lag => lag.Node == node).Select(lag => (partition.Partition, lag.MissingChanges)))
            .GroupBy(static lag => lag.Partition)
            .Select(static lags => lags.Any(static lag => lag.MissingChanges is null) ? null : lags.Max(static lag => lag.MissingChanges))
            .ToList();
        return known.Contains(null) ? null : known.Sum();
    }

    /// <summary>The partitions whose live owners hold different states, by the digests; none unless those were asked for.</summary>
    public IReadOnlyList<int> Differing => Digests.Differing(Live);

    /// <summary>The partitions of each preference list, as "nodes 1, 2, 3" → "0–20, 42".</summary>
    public IEnumerable<(string Owners, int Count, string Partitions)> Ownership =>
        Cluster.Owners
            .Select(static (owners, partition) => (Owners: string.Join(", ", owners.Order()), Partition: partition))
            .GroupBy(static one => one.Owners)
            .OrderBy(static group => group.Min(static one => one.Partition))
            .Select(static group => (group.Key, group.Count(), Ranges([.. group.Select(static one => one.Partition)])));

    private static string Ranges(List<int> sorted)
    {
        var ranges = new List<string>();
        for (int start = 0, i = 1; i <= sorted.Count; i++)
        {
            if (i < sorted.Count && sorted[i] == sorted[i - 1] + 1) continue;
            ranges.Add(start == i - 1 ? $"{sorted[start]}" : $"{sorted[start]}–{sorted[i - 1]}");
            start = i;
        }

        return string.Join(", ", ranges);
    }
}
