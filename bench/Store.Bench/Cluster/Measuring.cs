using System.Diagnostics;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// Measures one system: warms it up, puts it under each of its workloads for a time, and checks at the end that it kept what it
/// acknowledged.
/// </summary>
internal sealed class Measuring(ICounterStore store, TimeSpan window, Action<string> report)
{
    // What runs often is compiled again, by threads in the background: measured too early, it is the compiler that is measured. So load
    // and silence alternate until an operation no longer gets cheaper.
    private static readonly TimeSpan WarmUpRound = TimeSpan.FromSeconds(2);
    private const int LeastRounds = 2;
    private const int MostRounds = 8;
    private const double StillImproving = 0.9;

    private static readonly TimeSpan LeadIn = TimeSpan.FromSeconds(1);

    private long _attempted;
    private long _acknowledged;

    public async Task<(IReadOnlyList<Measurement> Rows, Verification Verification)> RunAsync(CancellationToken stop)
    {
        using var cpu = new CpuMeter(store.ProcessIds);
        report($"{store.Name}: warming up");
        await WarmUpAsync(cpu, stop);

        var rows = new List<Measurement>();
        foreach (var workload in store.Workloads)
        {
            report($"{store.Name}: {workload}");
            await LoadAsync(workload, LeadIn, stop);
            await store.SettleAsync(stop);
            var before = cpu.Used;
            var load = await LoadAsync(workload, window, stop);
            var ended = Stopwatch.GetTimestamp();
            await store.SettleAsync(stop);
            rows.Add(new(store.Name, workload, load, window, cpu.Used - before, Stopwatch.GetElapsedTime(ended)));
        }

        report($"{store.Name}: adding up the counters");
        return (rows, new(store.Name, _acknowledged, await store.SumAsync(stop), _attempted));
    }

    private async Task WarmUpAsync(CpuMeter cpu, CancellationToken stop)
    {
        var before = double.MaxValue;
        for (var round = 1; round <= MostRounds; round++)
        {
            var (used, operations) = (cpu.Used, 0L);
            foreach (var workload in store.Workloads.Where(static workload => workload.InFlight > 1))
                operations += (await LoadAsync(workload, WarmUpRound, stop)).Acknowledged;
            await store.SettleAsync(stop);
            await cpu.WaitForSilenceAsync(stop);
            var each = (cpu.Used - used) / Math.Max(1, operations);
            if (round >= LeastRounds && each.Ticks > before * StillImproving) return;
            before = each.Ticks;
        }
    }

    private async Task<LoadResult> LoadAsync(Workload workload, TimeSpan duration, CancellationToken stop)
    {
        var result = await store.RunAsync(workload, duration, stop);
        if (workload.Operation == Operation.Increment)
        {
            _attempted += result.Attempted;
            _acknowledged += result.Acknowledged;
        }

        return result;
    }
}
