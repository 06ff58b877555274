using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>Compares the digests of the replicas' states.</summary>
internal static class Digests
{
    /// <summary>The partitions whose owners among these nodes hold different states.</summary>
    public static IReadOnlyList<int> Differing(IEnumerable<NodeStatus> nodes) =>
    [
        .. nodes.SelectMany(static node => node.Partitions)
            .GroupBy(static partition => partition.Partition)
            .Where(static replicas => replicas.Select(static replica => Convert.ToHexString(replica.Digest.Span)).Distinct().Count() > 1)
            .Select(static replicas => replicas.Key)
            .Order(),
    ];
}
