namespace Gossipdb.Testing;

/// <summary>What cluster a test needs; by default one node.</summary>
public sealed record GossipdbClusterOptions
{
    /// <summary>How many nodes, 1 to 99, each a process of its own.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>How many replicas each key has (N); null: 3, or as many as there are nodes.</summary>
    public int? Replication { get; init; }

    /// <summary>How many partitions the key space has, 1 to 4,096.</summary>
    public int Partitions { get; init; } = 64;

    /// <summary>
    /// Further lines of every node's configuration, as in <c>reference.conf</c>: <c>gossipdb.limits.value = 1MiB</c>.
    /// </summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Speak TLS on every port, with certificates made for the test.</summary>
    public bool Secure { get; init; }

    /// <summary>
    /// What runs a node, before the node's own arguments: the executable <c>gossipdb</c>, or <c>dotnet</c> and <c>gossipdb.dll</c>. Null:
    /// what the environment variable <c>GOSSIPDB_TESTING_NODE</c> names, or else the node that came with the package.
    /// </summary>
    public IReadOnlyList<string>? NodeCommand { get; init; }

    /// <summary>
    /// Where the nodes keep data, settings and logs. It is emptied before and kept afterwards: for a look at what a test left behind.
    /// Null: a temporary directory, which is deleted with the cluster.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>How long nodes may take to start, to notice a cut, and to find each other again after a heal.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Told what happens to the nodes, a line each, from any thread: a test's output, say. Null: nobody is told.</summary>
    public Action<string>? Output { get; init; }
}
