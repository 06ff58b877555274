using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>Three processes of Akka.DistributedData, each of which drives its own share of the load.</summary>
internal sealed class AkkaStore : IMeasuredStore
{
    public const string SystemName = "Akka DData";
    private const int Peers = 3;

    private readonly List<AkkaPeerProcess> _peers = [];
    private int _run;

    private AkkaStore(WorkloadSelection selection) => Workloads = selection.For(
        [null], workload => workload.Operation is Operation.Increment or Operation.Read && workload.Keys == selection.Keys);

    public string Name => SystemName;

    public IReadOnlyList<int> ProcessIds => [.. _peers.Select(static peer => peer.Id)];

    public IReadOnlyList<Workload> Workloads { get; }

    /// <summary>Starts the processes and waits until they are one cluster.</summary>
    public static async Task<IMeasuredStore> StartAsync(WorkloadSelection selection, CancellationToken stop)
    {
        var store = new AkkaStore(selection);
        try
        {
            for (var i = 0; i < Peers; i++) store._peers.Add(AkkaPeerProcess.Start(selection.Keys));
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

    public Task<long> FillAsync(Workload workload, CancellationToken stop) => Task.FromResult(0L);

    public async Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        var run = _run++;
        var shares = _peers
            .Select((peer, i) => (Peer: peer, Share: ShareOf(workload, i), Seed: (run * Peers) + i))
            .Where(static one => one.Share.InFlight > 0 || one.Share.PerSecond > 0);
        return LoadResult.Sum(await Task.WhenAll(shares.Select(one => LoadAsync(one.Peer, one.Share, one.Seed))));

        async Task<LoadResult> LoadAsync(AkkaPeerProcess peer, Workload share, int seed)
        {
            var request = new PeerRequest(PeerTask.Run)
            {
                Workload = share,
                Duration = duration,
                RandomSeed = seed,
            };
            return (await peer.AskAsync(request, stop)).Load ?? throw new InvalidDataException("a peer's answer has no load");
        }
    }

    public Task SettleAsync(CancellationToken stop) => Task.CompletedTask;

    public async Task<long> SumAsync(CancellationToken stop) => (await _peers[0].AskAsync(new PeerRequest(PeerTask.Sum), stop)).Sum;

    public async ValueTask DisposeAsync() => await Task.WhenAll(_peers.Select(static peer => peer.DisposeAsync().AsTask()));

    private static Workload ShareOf(Workload workload, int peer) => workload with
    {
        InFlight = (workload.InFlight / Peers) + (peer < workload.InFlight % Peers ? 1 : 0),
        PerSecond = workload.PerSecond / Peers,
    };
}
