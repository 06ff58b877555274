using System.CommandLine;
using System.Diagnostics;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Cluster;

/// <summary>One cluster's turns of a load that two clusters have in turns; the middle one of them counts.</summary>
internal sealed class ClusterTurns
{
    /// <summary>Calls of one client at once.</summary>
    public const int InFlight = 64;

    private const int Keys = 1_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private readonly List<(double Rate, double Cost)> _all = [];

    /// <summary>Operations a second.</summary>
    public double Rate => Spread.Of(_all.Select(static turn => turn.Rate)).Median;

    /// <summary>Microseconds of CPU an operation, of the nodes and the client together.</summary>
    public double Cost => Spread.Of(_all.Select(static turn => turn.Cost)).Median;

    /// <summary>How long each turn is measured.</summary>
    public static Option<int> SecondsOption() => new("--seconds")
    {
        Description = "How long each turn is measured",
        HelpName = "N",
        DefaultValueFactory = static _ => 10,
    };

    /// <summary>How often each cluster has its turn.</summary>
    /// <param name="turns">Unless somebody says otherwise.</param>
    public static Option<int> TurnsOption(int turns) => new("--turns")
    {
        Description = "How often each cluster has its turn",
        HelpName = "N",
        DefaultValueFactory = _ => turns,
    };

    /// <summary>Measures two clusters in turns: registers of so many bytes, written or read by a quorum.</summary>
    public static async Task<(ClusterTurns Without, ClusterTurns With)> AlternateAsync(
        ProcessCluster without, ProcessCluster with, bool isWrite, int bytes, int turns, TimeSpan duration, CancellationToken stop)
    {
        var both = (Without: new ClusterTurns(), With: new ClusterTurns());
        for (var turn = 0; turn < 2 * turns; turn++)
        {
            // Each goes first as often as the other: what changes with time meets both.
            var isWith = (turn + 1) / 2 % 2 == 1;
            (isWith ? both.With : both.Without)._all.Add(await MeasureAsync(isWith ? with : without, isWrite, bytes, duration, stop));
        }

        return both;
    }

    private static async Task<(double Rate, double Cost)> MeasureAsync(
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
