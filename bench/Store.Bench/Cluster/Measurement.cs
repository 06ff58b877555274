using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Cluster;

/// <summary>One row: a system under one workload.</summary>
internal sealed record Measurement(string System, Workload Workload, LoadResult Load, TimeSpan Window, TimeSpan Cpu, TimeSpan Settling)
{
    public double OperationsPerSecond => Load.InTime / Window.TotalSeconds;

    public double P50Ms => PercentileMs(50);

    public double P99Ms => PercentileMs(99);

    public double MaxMs => PercentileMs(100);

    /// <summary>
    /// CPU time of all processes, driver included, for one acknowledged operation; includes what the load left to be done after it.
    /// </summary>
    public double CpuUs => Load.Acknowledged == 0 ? 0 : Cpu.TotalMicroseconds / Load.Acknowledged;

    private double PercentileMs(double percentile) =>
        Load.Latencies.TotalCount == 0 ? 0 : Load.Latencies.GetValueAtPercentile(percentile) / 1_000.0;
}
