using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Cluster;

/// <summary>A running cluster of three processes: what is measured. Disposing it ends its processes.</summary>
internal interface IMeasuredStore : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The ids of its processes, without this one.</summary>
    IReadOnlyList<int> ProcessIds { get; }

    /// <summary>The closed workloads it is measured under, in this order.</summary>
    IReadOnlyList<Workload> Workloads { get; }

    /// <summary>Writes every key that a workload reads or updates.</summary>
    /// <returns>What the sum of the counters has grown by.</returns>
    Task<long> FillAsync(Workload workload, CancellationToken stop);

    /// <summary>Runs a load for a time.</summary>
    Task<LoadResult> RunAsync(Workload workload, TimeSpan duration, CancellationToken stop);

    /// <summary>Waits until work that was put off by the load before is done, so that it does not burden the next one.</summary>
    Task SettleAsync(CancellationToken stop);

    /// <summary>The sum of all counters that <see cref="Operation.Increment"/> increments.</summary>
    Task<long> SumAsync(CancellationToken stop);
}
