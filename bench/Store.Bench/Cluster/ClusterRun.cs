using Gossipdb.Bench.Baseline;
using Gossipdb.Bench.Floor;
using Gossipdb.Bench.Load;
using Gossipdb.Bench.Peers;
using Gossipdb.Bench.Redis;
using Gossipdb.Bench.Report;
using Gossipdb.Client;

namespace Gossipdb.Bench.Cluster;

/// <summary>One run of <c>cluster</c>: every system under its workloads.</summary>
internal sealed class ClusterRun
{
    private const int Stopped = 130;
    private readonly Dictionary<string, Verification> _sums = [];
    private readonly List<string> _leftOut = [];

    public required WorkloadSelection Selection { get; init; }

    public required IReadOnlyList<MeasuredSystem> Systems { get; init; }

    /// <summary>What Gossipdb's client travels over.</summary>
    public ClientTransport Transport { get; init; }

    /// <summary>Another build's executable.</summary>
    public FileInfo? Baseline { get; init; }

    public required TimeSpan Window { get; init; }

    public required int Repetitions { get; init; }

    public bool Json { get; init; }

    public bool Check { get; init; }

    public FileInfo? Results { get; init; }

    /// <summary>What the run is called in the file of results.</summary>
    public required string Asked { get; init; }

    public async Task<int> RunAsync(CancellationToken stop)
    {
        var machine = Machine.Now();
        var (rows, whole) = await Rounds.MeasureAsync(Subjects(), Repetitions, Tell, stop);
        if (whole < Repetitions) LeaveOut($"stopped after {whole} of {Repetitions} repetitions, which is what there is.");
        var report = new ClusterReport(machine, Window, whole, rows, [.. _sums.Values], _leftOut);
        var json = ClusterJson.Of(report);

        // A run that was stopped takes no whole one's place.
        if (Results is not null && whole == Repetitions) ResultsFile.Write(Results.FullName, Asked, json);
        if (Json) Console.WriteLine(json.ToJsonString(ResultsFile.Readable));
        else report.Print();
        if (whole < Repetitions) return Stopped;
        return _sums.Values.All(static sum => sum.Holds) && !(Check && report.Bars.Any(static bar => bar.IsMissed)) ? 0 : 1;
    }

    private List<Func<CancellationToken, Task<IReadOnlyList<Measurement>>>> Subjects()
    {
        var subjects = new List<Func<CancellationToken, Task<IReadOnlyList<Measurement>>>>();
        if (Systems.Contains(MeasuredSystem.Gossipdb))
            subjects.Add(stop => MeasureAsync(GossipdbStore.StartAsync(Selection, Transport, stop), stop));
        if (Baseline is not null)
            subjects.Add(async stop =>
            {
                Tell($"{BaselineRun.SystemName}: {Baseline.FullName}");
                return await BaselineRun.MeasureAsync(Baseline.FullName, Selection, Window, stop);
            });
        if (Systems.Contains(MeasuredSystem.Akka)) subjects.Add(stop => MeasureAsync(AkkaStore.StartAsync(Selection, stop), stop));
        if (Systems.Contains(MeasuredSystem.Redis))
        {
            if (RedisServers.Find() is { } executable)
                subjects.Add(stop => MeasureAsync(RedisStore.StartAsync(executable, Selection, stop), stop));
            else
                LeaveOut($"{RedisStore.SystemName} was left out: there is no redis-server on the path. "
                    + "To compare with it, install it (Debian, Ubuntu: apt-get install redis-server).");
        }

        if (Systems.Contains(MeasuredSystem.Frames)) subjects.Add(stop => MeasureAsync(FloorStore.StartAsync(Selection, stop), stop));
        return subjects;
    }

    private async Task<IReadOnlyList<Measurement>> MeasureAsync(Task<IMeasuredStore> start, CancellationToken stop)
    {
        await using var store = await start;
        if (store.Workloads.Count == 0) return [];
        var (measured, sum) = await new Measuring(store, Window, Selection.OpenLoop, Tell).RunAsync(stop);

        // Of several repetitions the one that does not hold is kept.
        if (!_sums.TryGetValue(store.Name, out var known) || known.Holds) _sums[store.Name] = sum;
        return measured;
    }

    private void LeaveOut(string line)
    {
        _leftOut.Add(line);
        Tell(line);
    }

    private static void Tell(string line) => Console.Error.WriteLine(line);
}
