using Akka.Actor;
using Akka.DistributedData;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>Counters in Akka.DistributedData, asked for as its documentation shows.</summary>
internal sealed class ReplicatedCounters
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);
    private static readonly IWriteConsistency[] Writes = [WriteLocal.Instance, new WriteMajority(Within), new WriteAll(Within)];
    private static readonly IReadConsistency[] Reads = [ReadLocal.Instance, new ReadMajority(Within), new ReadAll(Within)];

    private readonly Akka.Cluster.Cluster _cluster;
    private readonly IActorRef _replicator;
    private readonly PNCounterKey[] _keys;

    public ReplicatedCounters(ActorSystem system, int keys)
    {
        _cluster = Akka.Cluster.Cluster.Get(system);
        _replicator = DistributedData.Get(system).Replicator;
        _keys = [.. Enumerable.Range(0, keys).Select(static i => new PNCounterKey($"bench:{i:0000}"))];
    }

    /// <summary>
    /// Waits until the replicator knows of so many replicas, its own included: before, a majority means less than it says.
    /// </summary>
    public async Task WaitForReplicasAsync(int replicas, CancellationToken stop)
    {
        while ((await _replicator.Ask<ReplicaCount>(Dsl.GetReplicaCount, Within, stop)).N < replicas)
            await Task.Delay(100, stop);
    }

    public async Task IncrementAsync(int key, Level level)
    {
        var answer = await _replicator.Ask<IUpdateResponse>(
            Dsl.Update(_keys[key], PNCounter.Empty, Writes[(int)level], counter => counter.Increment(_cluster, 1))).ConfigureAwait(false);
        if (!answer.IsSuccessful) throw new InvalidOperationException(answer.GetType().Name);
    }

    public async Task<long> ReadAsync(int key, Level level)
    {
        var answer = await _replicator.Ask<IGetResponse>(Dsl.Get(_keys[key], Reads[(int)level])).ConfigureAwait(false);
        if (answer.IsSuccessful) return (long)answer.Get(_keys[key]).Value;
        return answer is NotFound ? 0 : throw new InvalidOperationException(answer.GetType().Name);
    }
}
