namespace Gossipdb.LocalCluster;

/// <summary>What a cluster was made with: a data directory serves no other.</summary>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Replication">How many replicas of each partition.</param>
/// <param name="Partitions">How many partitions the key space has.</param>
public sealed record ClusterShape(int Nodes, int Replication, int Partitions)
{
    /// <summary>How many nodes it was founded with, where others were added since; 0 where none were.</summary>
    public int Founders { get; init; }

    /// <summary>The shape as a message says it.</summary>
    public override string ToString() => $"{Nodes} nodes, replication {Replication} and {Partitions} partitions";
}
