using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Cluster;

/// <summary>A system under one workload, once.</summary>
internal sealed record Measurement(string System, Workload Workload)
{
    /// <summary>Which repetition, from 0 up: ratios are taken within one.</summary>
    public int Repetition { get; init; }

    public double OperationsPerSecond { get; init; }

    public double P50Ms { get; init; }

    public double P99Ms { get; init; }

    public double P999Ms { get; init; }

    public double MaxMs { get; init; }

    /// <summary>
    /// CPU time of all processes, driver included, for one acknowledged operation; includes what the load left to be done after it.
    /// </summary>
    public double CpuUs { get; init; }

    public long Errors { get; init; }

    /// <summary>One of the errors, where there were any.</summary>
    public string? Error { get; init; }

    /// <summary>How long the system went on with work that the load had left behind.</summary>
    public TimeSpan Settling { get; init; }

    /// <summary>The figures of a load that ran for a time.</summary>
    public static Measurement Of(string system, Workload workload, LoadResult load, TimeSpan window, TimeSpan cpu, TimeSpan settling)
    {
        double PercentileMs(double percentile) =>
            load.Latencies.TotalCount == 0 ? 0 : load.Latencies.GetValueAtPercentile(percentile) / 1_000.0;
        return new Measurement(system, workload)
        {
            OperationsPerSecond = load.InTime / window.TotalSeconds,
            P50Ms = PercentileMs(50),
            P99Ms = PercentileMs(99),
            P999Ms = PercentileMs(99.9),
            MaxMs = PercentileMs(100),
            CpuUs = load.Acknowledged == 0 ? 0 : cpu.TotalMicroseconds / load.Acknowledged,
            Errors = load.Errors,
            Error = load.Error,
            Settling = settling,
        };
    }
}
