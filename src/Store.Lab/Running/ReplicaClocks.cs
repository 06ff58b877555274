using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>What the nodes' clocks say of who knows what.</summary>
internal static class ReplicaClocks
{
    /// <summary>How many changes that any node has applied a node lacks, in all partitions that it owns.</summary>
    /// <param name="node">The node.</param>
    /// <param name="all">What all nodes say that answer.</param>
    public static long MissingOf(NodeStatus node, IReadOnlyList<NodeStatus> all) => node.Partitions.Sum(partition =>
    {
        var applied = partition.Applied.ToDictionary(static entry => entry.Replica, static entry => entry.Sequence);
        return Union(all, partition.Partition).Sum(entry => Math.Max(0, entry.Value - applied.GetValueOrDefault(entry.Key)));
    });

    /// <summary>What all nodes together have applied: by partition, the highest sequence of each replica.</summary>
    public static Dictionary<int, Dictionary<ulong, long>> Union(IReadOnlyList<NodeStatus> all) => all
        .SelectMany(static node => node.Partitions)
        .Select(static partition => partition.Partition)
        .Distinct()
        .ToDictionary(static partition => partition, partition => Union(all, partition));

    /// <summary>Whether every owner has applied all of this.</summary>
    /// <param name="all">What the nodes say now.</param>
    /// <param name="wanted">What they had applied together at a moment.</param>
    public static bool Cover(IReadOnlyList<NodeStatus> all, IReadOnlyDictionary<int, Dictionary<ulong, long>> wanted) =>
        all.All(node => node.Partitions.All(partition =>
        {
            if (!wanted.TryGetValue(partition.Partition, out var clock)) return true;
            var applied = partition.Applied.ToDictionary(static entry => entry.Replica, static entry => entry.Sequence);

            // An id that nobody has in its clock any more has retired: everybody has all of it.
            return clock.All(entry =>
                applied.GetValueOrDefault(entry.Key) >= entry.Value || HasRetired(all, partition.Partition, entry.Key));
        }));

    /// <summary>Whether all replicas of every partition hold equal states: their digests were asked for, and are there.</summary>
    /// <param name="all">What all nodes say.</param>
    /// <param name="partitions">How many partitions there are.</param>
    /// <param name="replication">How many owners each has.</param>
    public static bool AreEqual(IReadOnlyList<NodeStatus> all, int partitions, int replication)
    {
        // No digest must not pass for an equal one.
        var replicas = all.SelectMany(static node => node.Partitions).ToLookup(static replica => replica.Partition);
        return replicas.Count == partitions && replicas.All(same =>
            same.Count() == replication
            && same.All(static replica => !replica.Digest.IsEmpty && replica.NotServing.Length == 0)
            && same.All(replica => replica.Digest.Span.SequenceEqual(same.First().Digest.Span)));
    }

    private static Dictionary<ulong, long> Union(IReadOnlyList<NodeStatus> all, int partition)
    {
        var union = new Dictionary<ulong, long>();
        foreach (var entry in all.SelectMany(static node => node.Partitions).Where(one => one.Partition == partition)
                     .SelectMany(static one => one.Applied))
            union[entry.Replica] = Math.Max(union.GetValueOrDefault(entry.Replica), entry.Sequence);
        return union;
    }

    private static bool HasRetired(IReadOnlyList<NodeStatus> all, int partition, ulong replica) => all
        .SelectMany(static node => node.Partitions)
        .Where(one => one.Partition == partition)
        .All(one => one.Applied.All(entry => entry.Replica != replica));
}
