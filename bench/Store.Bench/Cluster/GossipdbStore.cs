using Gossipdb.Bench.Load;
using Gossipdb.Client;

namespace Gossipdb.Bench.Cluster;

/// <summary>Three Gossipdb nodes on this machine, driven by the .NET client in this process.</summary>
internal sealed class GossipdbStore : ICounterStore
{
    private readonly BenchCluster _cluster;
    private readonly CounterHandle[] _counters;
    private int _run;

    private GossipdbStore(BenchCluster cluster, int keys)
    {
        _cluster = cluster;
        _counters = [.. Enumerable.Range(0, keys).Select(i => cluster.Client.Counter($"bench:{i:0000}"))];
    }

    public string Name => "Gossipdb";

    public IReadOnlyList<int> ProcessIds => _cluster.ProcessIds;

    public IReadOnlyList<Workload> Workloads { get; } =
    [
        new(Operation.Increment, 1, nameof(Durability.Memory)),
        new(Operation.Increment, 64, nameof(Durability.Memory)),
        new(Operation.Increment, 1, nameof(Durability.Journal)),
        new(Operation.Increment, 64, nameof(Durability.Journal)),
        new(Operation.Read, 1),
        new(Operation.Read, 64),
    ];

    /// <summary>Starts the nodes.</summary>
    public static async Task<ICounterStore> StartAsync(int keys, ClientTransport transport, CancellationToken stop) =>
        new GossipdbStore(await BenchCluster.StartAsync(stop, transport: transport), keys);

    public Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        var write = Write.Quorum with { Durability = Enum.Parse<Durability>(workload.Durability ?? nameof(Durability.Journal)) };
        Func<int, Task> operation = workload.Operation == Operation.Increment
            ? key => _counters[key].IncrementAsync(1, write, stop)
            : key => _counters[key].GetAsync(Read.Quorum, stop);
        return LoadLoop.RunAsync(operation, workload.InFlight, _counters.Length, duration, _run++, stop);
    }

    public Task SettleAsync(CancellationToken stop) => _cluster.SettleAsync(stop);

    public async Task<long> SumAsync(CancellationToken stop)
    {
        var sum = 0L;
        foreach (var some in _counters.Chunk(64))
            sum += (await Task.WhenAll(some.Select(counter => counter.GetAsync(Read.Quorum, stop)))).Sum();
        return sum;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
