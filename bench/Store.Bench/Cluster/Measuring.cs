using System.Diagnostics;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// Measures one system: warms it up, puts it under each of its workloads for a time, and checks at the end that it kept what it
/// acknowledged.
/// </summary>
internal sealed class Measuring(IMeasuredStore store, TimeSpan window, bool openLoop, Action<string> report)
{
    // What runs often is compiled again, by threads in the background: measured too early, it is the compiler that is measured. So load
    // and silence alternate until an operation no longer gets cheaper.
    private static readonly TimeSpan WarmUpRound = TimeSpan.FromSeconds(2);
    private const int LeastRounds = 2;
    private const int MostRounds = 8;
    private const double StillImproving = 0.9;

    private static readonly TimeSpan LeadIn = TimeSpan.FromSeconds(1);
    private const double ShareOfPeak = 0.5;

    private readonly HashSet<(int ValueBytes, int Keys)> _filled = [];
    private long _attempted;
    private long _acknowledged;

    public async Task<(IReadOnlyList<Measurement> Rows, Verification Verification)> RunAsync(CancellationToken stop)
    {
        using var cpu = new CpuMeter(store.ProcessIds);
        report($"{store.Name}: warming up");
        await WarmUpAsync(cpu, stop);

        var rows = new List<Measurement>();
        foreach (var workload in store.Workloads) rows.Add(await MeasureAsync(workload, cpu, stop));
        if (openLoop)
            foreach (var workload in AtHalfOfPeak(rows)) rows.Add(await MeasureAsync(workload, cpu, stop));

        report($"{store.Name}: adding up the counters");
        return (rows, new(store.Name, _acknowledged, await store.SumAsync(stop), _attempted));
    }

    // The peak of each workload, over all that were tried in flight.
    private static List<Workload> AtHalfOfPeak(IEnumerable<Measurement> closed) =>
        [.. closed
            .GroupBy(static row => row.Workload with { InFlight = 0 })
            .Select(static group => group.Key with { PerSecond = group.Max(static row => row.OperationsPerSecond) * ShareOfPeak })
            .Where(static workload => workload.PerSecond > 0)];

    private async Task<Measurement> MeasureAsync(Workload workload, CpuMeter cpu, CancellationToken stop)
    {
        report($"{store.Name}: {workload}");
        await LoadAsync(workload, LeadIn, stop);
        await store.SettleAsync(stop);
        var before = cpu.Used;
        var load = await LoadAsync(workload, window, stop);
        var ended = Stopwatch.GetTimestamp();
        await store.SettleAsync(stop);
        return Measurement.Of(store.Name, workload, load, window, cpu.Used - before, Stopwatch.GetElapsedTime(ended));
    }

    private async Task WarmUpAsync(CpuMeter cpu, CancellationToken stop)
    {
        // One workload for each kind of code: at most in flight, whatever the size and the level.
        var kinds = store.Workloads
            .GroupBy(static workload => (workload.Operation, workload.Durability))
            .Select(static group => group.MaxBy(static workload => (workload.InFlight, -workload.ValueBytes))!)
            .ToList();
        var before = double.MaxValue;
        for (var round = 1; round <= MostRounds; round++)
        {
            var (used, operations) = (cpu.Used, 0L);
            foreach (var workload in kinds) operations += (await LoadAsync(workload, WarmUpRound, stop)).Acknowledged;
            await store.SettleAsync(stop);
            await cpu.WaitForSilenceAsync(stop);
            var each = (cpu.Used - used) / Math.Max(1, operations);
            if (round >= LeastRounds && each.Ticks > before * StillImproving) return;
            before = each.Ticks;
        }
    }

    private async Task<LoadResult> LoadAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        if (workload.NeedsFilling && _filled.Add((workload.ValueBytes, workload.Keys)))
        {
            report($"{store.Name}: writing {workload.Keys:#,0} keys");
            var grown = await store.FillAsync(workload, stop);
            _attempted += grown;
            _acknowledged += grown;
            await store.SettleAsync(stop);
        }

        var result = await store.RunAsync(workload, duration, stop);
        if (workload.Operation == Operation.Increment)
        {
            _attempted += result.Attempted;
            _acknowledged += result.Acknowledged;
        }

        return result;
    }
}
