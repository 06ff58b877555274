using Akka.Actor;
using Akka.Configuration;
using Akka.DistributedData;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Peers;

/// <summary>
/// One process of the Akka.DistributedData cluster, and the driver of its part of the load. Told what to do in lines on standard
/// input; at their end the process exits, whatever it is doing, so that it does not outlive the benchmark.
/// </summary>
internal sealed class AkkaPeer
{
    private const string SystemName = "peers";
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(60);

    // All as it comes, but for quiet, and for a frame that holds the gossip of all the counters.
    private const string Settings = """
        akka.actor.provider = cluster
        akka.loglevel = WARNING
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        akka.log-dead-letters = off
        akka.log-dead-letters-during-shutdown = off
        akka.remote.log-remote-lifecycle-events = off
        akka.remote.dot-netty.tcp.hostname = "127.0.0.1"
        akka.remote.dot-netty.tcp.port = 0
        akka.remote.dot-netty.tcp.maximum-frame-size = 4m
        akka.remote.dot-netty.tcp.send-buffer-size = 4m
        akka.remote.dot-netty.tcp.receive-buffer-size = 4m
        """;

    private static readonly Lock Output = new();

    private readonly Akka.Cluster.Cluster _cluster;
    private readonly ReplicatedCounters _counters;
    private readonly int _keys;

    private AkkaPeer(ActorSystem system, int keys)
    {
        _cluster = Akka.Cluster.Cluster.Get(system);
        _counters = new ReplicatedCounters(system, keys);
        _keys = keys;
    }

    public static async Task<int> RunAsync(int keys)
    {
        var config = ConfigurationFactory.ParseString(Settings).WithFallback(DistributedData.DefaultConfig());
        var system = ActorSystem.Create(SystemName, config);
        var peer = new AkkaPeer(system, keys);
        Reply(new PeerReply { Address = peer._cluster.SelfAddress.ToString() });
        while (await Console.In.ReadLineAsync() is { } line)
            _ = peer.AnswerAsync(PeerLines.Parse<PeerRequest>(line)); // not awaited: the end of the input must be seen meanwhile

        Environment.Exit(0); // a load may be under way
        return 0;
    }

    private async Task AnswerAsync(PeerRequest request)
    {
        try
        {
            Reply(request.Task switch
            {
                PeerTask.Join => await JoinAsync(request),
                PeerTask.Run => new PeerReply { Load = await LoadAsync(request) },
                _ => new PeerReply { Sum = await SumAsync() },
            });
        }
        catch (Exception problem)
        {
            Reply(new PeerReply { Failure = $"{problem.GetType().Name}: {problem.Message}" });
        }
    }

    private async Task<PeerReply> JoinAsync(PeerRequest request)
    {
        using var late = new CancellationTokenSource(Together);
        await _cluster.JoinAsync(Address.Parse(request.SeedAddress!), late.Token);
        while (_cluster.State.Members.Count(static member => member.Status == Akka.Cluster.MemberStatus.Up) < request.Peers)
            await Task.Delay(100, late.Token);
        await _counters.WaitForReplicasAsync(request.Peers, late.Token);
        return new PeerReply();
    }

    private Task<LoadResult> LoadAsync(PeerRequest request)
    {
        var workload = request.Workload!;
        LoadedOperation operation = workload.Operation == Operation.Increment
            ? (key, _) => _counters.IncrementAsync(key, workload.Level)
            : (key, _) => _counters.ReadAsync(key, workload.Level);
        return LoadLoop.RunAsync(operation, workload, request.Duration, request.RandomSeed, CancellationToken.None);
    }

    private async Task<long> SumAsync()
    {
        var sum = 0L;
        foreach (var some in Enumerable.Range(0, _keys).Chunk(64))
            sum += (await Task.WhenAll(some.Select(key => _counters.ReadAsync(key, Level.Quorum)))).Sum();
        return sum;
    }

    private static void Reply(PeerReply reply)
    {
        lock (Output)
        {
            Console.Out.WriteLine(PeerLines.Of(reply));
            Console.Out.Flush();
        }
    }
}
