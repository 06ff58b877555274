using Gossipdb.Client.Routing;

namespace Gossipdb.Client;

/// <summary>Who is in the cluster and who owns what, as one node sees it.</summary>
public sealed record ClusterDescription
{
    /// <summary>The node that answered.</summary>
    public int Node { get; init; }

    /// <summary>How many partitions the key space has.</summary>
    public int Partitions { get; init; }

    /// <summary>How many owners each partition has (N).</summary>
    public int Replication { get; init; }

    /// <summary>Grows with every change of owners.</summary>
    public long LayoutVersion { get; init; }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<NodeDescription> Nodes { get; init; } = [];

    /// <summary>The preference list of every partition: the ids of its owners, by the partition's number.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Owners { get; init; } = [];

    /// <summary>The longest key the cluster takes, in bytes; 0 where the node does not say.</summary>
    public int MaxKeyBytes { get; init; }

    /// <summary>The largest value the cluster takes, in bytes; 0 where the node does not say.</summary>
    public int MaxValueBytes { get; init; }

    /// <summary>The most requests the cluster takes in one batch; 0 where the node does not say.</summary>
    public int MaxBatch { get; init; }

    /// <summary>Where the node that answered takes frames (<see cref="ClientTransport.Frames"/>); 0 where it takes none.</summary>
    public int DataPort { get; init; }

    /// <summary>
    /// The partition of a key: XxHash3 of the part in braces, or of the whole key where it has none, modulo <see cref="Partitions"/>.
    /// </summary>
    public int PartitionOf(Bytes key) => (int)KeyHash.Partition(KeyHash.Of(key.Span), (uint)Partitions);
}

/// <summary>A node of the cluster.</summary>
public sealed record NodeDescription
{
    /// <summary>The node's id.</summary>
    public int Id { get; init; }

    /// <summary>Where it serves clients.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Whether the node that answered hears it.</summary>
    public bool Reachable { get; init; }
}
