using System.Reflection;

namespace Gossipdb.LocalCluster;

/// <summary>How to start a cluster of processes on this machine.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>How many nodes a local cluster may have.</summary>
    public const int MaxNodes = ClusterAddresses.MaxNodes;

    // So many start on one core without keeping each other waiting for long.
    private const double NodesOfCore = 2;

    /// <summary>Where the nodes keep their data. A directory serves one cluster at a time, and no cluster of another shape.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>How many nodes; null takes as many as the data directory was made with, or 3.</summary>
    public int? Nodes { get; init; }

    /// <summary>How many replicas of each partition; null as for <see cref="Nodes"/>, or 3, or as many as there are nodes.</summary>
    public int? Replication { get; init; }

    /// <summary>How many partitions; null as for <see cref="Nodes"/>, or 64.</summary>
    public int? Partitions { get; init; }

    /// <summary>The first node's client port; null takes free ports.</summary>
    public int? BasePort { get; init; }

    /// <summary>Delete what a local cluster left in the data directory before.</summary>
    public bool Clean { get; init; }

    /// <summary>Start a node again that ends without having been told to.</summary>
    public bool Restart { get; init; }

    /// <summary>
    /// Have the nodes know each other by a secret, drawn for the data directory. Without it they take anybody on this machine for a node,
    /// as those of versions before do, which know no secrets.
    /// </summary>
    public bool Secret { get; init; } = true;

    /// <summary>
    /// Tell the nodes where whoever started them takes orders about processes, for the lab's page. Versions before do not know the setting.
    /// </summary>
    public bool TakesOrders { get; init; } = true;

    /// <summary>
    /// Speak TLS on every port, with certificates that are made in the data directory. A directory that has them goes on so, whatever is
    /// said here.
    /// </summary>
    public bool Secure { get; init; }

    /// <summary>The executable <c>gossipdb</c>, with the arguments before "node": that of this process unless said otherwise.</summary>
    public IReadOnlyList<string> Command { get; init; } = OwnCommand();

    /// <summary>Further lines of every node's configuration, "key = value".</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Lines of single nodes' configurations, by the node's number; they override <see cref="Settings"/>.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> SettingsOfNode { get; init; } = new Dictionary<int, IReadOnlyList<string>>();

    /// <summary>
    /// How long a node that starts may show no progress before it is given up. Progress is a new line in its log, another stage in its
    /// health check, or processor time while it does not answer yet. Where more than two nodes share a core, it is longer by as much as
    /// they are more: the last of twenty may wait a minute for a core that the others keep busy.
    /// </summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nodes may take to serve in all, however much progress they make.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often whoever waits for the nodes to serve is told what for.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node may take to stop before it is killed.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Told what happens to the nodes, in a line each; called from any thread.</summary>
    public Action<string> Report { get; init; } = static _ => { };

    /// <summary>The same for a cluster of so many nodes on this machine.</summary>
    internal TimeSpan StuckAfterOf(int nodes) => StuckAfter * Math.Max(1, nodes / (NodesOfCore * Environment.ProcessorCount));

    /// <summary>What the cluster is made with, given what its directory was made with before.</summary>
    internal ClusterShape ShapeOn(ClusterShape? made)
    {
        var nodes = Nodes ?? made?.Nodes ?? 3;
        var replication = Replication ?? (made is not null && made.Nodes <= nodes ? made.Replication : Math.Min(3, nodes));
        if (replication > nodes) throw new ArgumentException($"replication {replication} is more than there are nodes ({nodes})");
        return new ClusterShape(nodes, replication, Partitions ?? made?.Partitions ?? 64);
    }

    private static string[] OwnCommand()
    {
        var process = Environment.ProcessPath ?? throw new LocalClusterException("cannot tell which executable this is");
        if (Path.GetFileNameWithoutExtension(process) != "dotnet") return [process];

        // Not by the assembly's location: a program in a single file has none.
        return [process, Path.Combine(AppContext.BaseDirectory, $"{Assembly.GetEntryAssembly()!.GetName().Name}.dll")];
    }
}
