using Gossipdb.Replication.Contract;

namespace Gossipdb.Simulation.Workload;

/// <summary>A client's read, and who hears of its end.</summary>
internal sealed class SimulatedRead : ReadRequest
{
    public required Action<ReadResult> Done { get; init; }
}
