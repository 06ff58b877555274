using Gossipdb.Replication.Contract;

namespace Gossipdb.Simulation.Workload;

/// <summary>A client's write, and who hears of its end.</summary>
internal sealed class SimulatedWrite : WriteRequest
{
    public required Action<WriteResult> Done { get; init; }
}
