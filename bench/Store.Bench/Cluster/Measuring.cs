using System.Diagnostics;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// Measures one system: warms it up, puts it under each of its workloads for a time, and checks at the end that it kept what it
/// acknowledged.
/// </summary>
internal sealed class Measuring(ICounterStore store, TimeSpan window, Action<string> report)
{
    // What runs often is compiled again while it runs: measured too early, a system is measured half compiled.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LeadIn = TimeSpan.FromSeconds(1);

    private long _attempted;
    private long _acknowledged;

    public async Task<(IReadOnlyList<Measurement> Rows, Verification Verification)> RunAsync(CancellationToken stop)
    {
        using var cpu = new CpuMeter(store.ProcessIds);
        report($"{store.Name}: warming up");
        foreach (var workload in store.Workloads.Where(static workload => workload.InFlight > 1)) await LoadAsync(workload, WarmUp, stop);

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
