using Gossipdb.Bench.Load;
using Gossipdb.Client;
using Gossipdb.Node.Cli.Local;

namespace Gossipdb.Bench.Cluster;

/// <summary>Three Gossipdb nodes on this machine, driven over gRPC by the .NET client in this process.</summary>
internal sealed class GossipdbStore : ICounterStore
{
    private const int SettleKeys = 8;
    private static readonly Write Settled = Write.All with { Timeout = TimeSpan.FromSeconds(60) };

    private readonly LocalCluster _cluster;
    private readonly DirectoryInfo _data;
    private readonly GossipdbClient _client;
    private readonly CounterHandle[] _counters;
    private int _run;

    private GossipdbStore(LocalCluster cluster, DirectoryInfo data, GossipdbClient client, int keys)
    {
        _cluster = cluster;
        _data = data;
        _client = client;
        _counters = [.. Enumerable.Range(0, keys).Select(i => client.Counter($"bench:{i:0000}"))];
        ProcessIds = [.. cluster.Nodes.Select(node => cluster.ProcessIdOf(node.Id))];
    }

    public string Name => "Gossipdb";

    public IReadOnlyList<int> ProcessIds { get; }

    public IReadOnlyList<Workload> Workloads { get; } =
    [
        new(Operation.Increment, 1, nameof(Durability.Memory)),
        new(Operation.Increment, 64, nameof(Durability.Memory)),
        new(Operation.Increment, 1, nameof(Durability.Journal)),
        new(Operation.Increment, 64, nameof(Durability.Journal)),
        new(Operation.Read, 1),
        new(Operation.Read, 64),
    ];

    /// <summary>Starts the nodes, with data in a directory of its own that is deleted at the end.</summary>
    public static async Task<ICounterStore> StartAsync(int keys, CancellationToken stop)
    {
        var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
        LocalCluster? cluster = null;
        try
        {
            cluster = await LocalCluster.StartReadyAsync(
                new LocalClusterOptions
                {
                    DataDirectory = Path.Combine(data.FullName, "data"),
                    Nodes = 3,
                    Command = [Executable()],
                    Settings = ["gossipdb.lab.fault-injection = off"], // as a node outside the laboratory runs
                    ReadyWithin = TimeSpan.FromSeconds(60),
                },
                stop);
            return new GossipdbStore(cluster, data, await GossipdbClient.ConnectAsync(cluster.Endpoints, stop), keys);
        }
        catch
        {
            if (cluster is not null) await cluster.DisposeAsync();
            data.Delete(recursive: true);
            throw;
        }
    }

    public Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        var write = Write.Quorum with { Durability = Enum.Parse<Durability>(workload.Durability ?? nameof(Durability.Journal)) };
        Func<int, Task> operation = workload.Operation == Operation.Increment
            ? key => _counters[key].IncrementAsync(1, write, stop)
            : key => _counters[key].GetAsync(Read.Quorum, stop);
        return LoadLoop.RunAsync(operation, workload.InFlight, _counters.Length, duration, _run++, stop);
    }

    // A node commits in the order of arrival, so a journaled write at every replica ends after whatever was waiting before it.
    public Task SettleAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, SettleKeys).Select(i => _client.Flag($"settled:{i}").EnableAsync(Settled, stop)));

    public async Task<long> SumAsync(CancellationToken stop)
    {
        var sum = 0L;
        foreach (var some in _counters.Chunk(64))
            sum += (await Task.WhenAll(some.Select(counter => counter.GetAsync(Read.Quorum, stop)))).Sum();
        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string Executable()
    {
        var path = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "gossipdb.exe" : "gossipdb");
        return File.Exists(path) ? path : throw new FileNotFoundException($"the node's executable is not at {path}; build Store.Bench again");
    }
}
