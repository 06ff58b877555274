using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>Three processes of Akka.DistributedData, each of which drives its own share of the load.</summary>
internal sealed class AkkaStore : ICounterStore
{
    public const string SystemName = "Akka DData";
    private const int Peers = 3;

    private readonly List<AkkaPeerProcess> _peers = [];
    private int _run;

    public string Name => SystemName;

    public IReadOnlyList<int> ProcessIds => [.. _peers.Select(static peer => peer.Id)];

    public IReadOnlyList<Workload> Workloads { get; } =
    [
        new(Operation.Increment, 1),
        new(Operation.Increment, 64),
        new(Operation.Read, 1),
        new(Operation.Read, 64),
    ];

    /// <summary>Starts the processes and waits until they are one cluster.</summary>
    public static async Task<ICounterStore> StartAsync(int keys, CancellationToken stop)
    {
        var store = new AkkaStore();
        try
        {
            for (var i = 0; i < Peers; i++) store._peers.Add(AkkaPeerProcess.Start(keys));
            var hellos = await Task.WhenAll(store._peers.Select(peer => peer.HearAsync(stop)));
            var join = new PeerRequest(PeerTask.Join) { SeedAddress = hellos[0].Address, Peers = Peers };
            await Task.WhenAll(store._peers.Select(peer => peer.AskAsync(join, stop)));
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        var run = _run++;
        var shares = _peers.Select((peer, i) => (Peer: peer, Share: ShareOf(workload.InFlight, i), Seed: (run * Peers) + i));
        return LoadResult.Sum(
            await Task.WhenAll(shares.Where(static one => one.Share > 0).Select(one => LoadAsync(one.Peer, one.Share, one.Seed))));

        async Task<LoadResult> LoadAsync(AkkaPeerProcess peer, int share, int seed)
        {
            var request = new PeerRequest(PeerTask.Run)
            {
                Workload = workload with { InFlight = share },
                Duration = duration,
                RandomSeed = seed,
            };
            return (await peer.AskAsync(request, stop)).Load ?? throw new InvalidDataException("a peer's answer has no load");
        }
    }

    public Task SettleAsync(CancellationToken stop) => Task.CompletedTask;

    public async Task<long> SumAsync(CancellationToken stop) => (await _peers[0].AskAsync(new PeerRequest(PeerTask.Sum), stop)).Sum;

    public async ValueTask DisposeAsync() => await Task.WhenAll(_peers.Select(static peer => peer.DisposeAsync().AsTask()));

    private static int ShareOf(int inFlight, int peer) => (inFlight / Peers) + (peer < inFlight % Peers ? 1 : 0);
}
