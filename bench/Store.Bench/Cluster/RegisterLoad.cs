using System.Diagnostics;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Cluster;

/// <summary>Quorum writes or reads of registers, by one client: to compare clusters that differ in one thing, turn by turn.</summary>
internal static class RegisterLoad
{
    /// <summary>How many calls are under way at once.</summary>
    public const int InFlight = 64;

    private const int Keys = 1_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    /// <summary>Loads a cluster, and measures once it is warm.</summary>
    /// <returns>Calls a second, and microseconds of CPU a call: of the nodes and this process together.</returns>
    public static async Task<(double Rate, double Cost)> MeasureAsync(
        ProcessCluster cluster, bool isWrite, int bytes, TimeSpan duration, CancellationToken stop)
    {
        await using var client = await GossipdbClient.ConnectAsync(
            new GossipdbOptions
            {
                Endpoints = [.. cluster.Nodes.Select(static node => node.Endpoint)],
                Tls = cluster.Certificates?.Tls,
                Timeout = TimeSpan.FromSeconds(30),
            },
            stop);
        var value = new string('v', bytes);
        var done = 0L;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var workers = Enumerable.Range(0, InFlight).Select(worker => Task.Run(
            async () =>
            {
                for (var i = worker; !ending.IsCancellationRequested; i += InFlight)
                {
                    var register = client.Register($"key {bytes} {i % Keys}");
                    if (isWrite) await register.SetAsync(value, Write.Quorum);
                    else await register.GetAsync(Read.Quorum);
                    Interlocked.Increment(ref done);
                }
            },
            stop)).ToList();
        await Task.Delay(WarmUp, stop);
        using var meter = new CpuMeter(cluster.Nodes.Select(node => cluster.ProcessIdOf(node.Id)));
        var (cpu, before, clock) = (meter.Used, Interlocked.Read(ref done), Stopwatch.StartNew());
        await Task.Delay(duration, stop);
        var calls = Interlocked.Read(ref done) - before;
        var measured = (calls / clock.Elapsed.TotalSeconds, (meter.Used - cpu).TotalMicroseconds / Math.Max(1, calls));
        await ending.CancelAsync();
        await Task.WhenAll(workers);
        return measured;
    }
}
