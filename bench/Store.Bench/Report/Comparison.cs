using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Peers;

namespace Gossipdb.Bench.Report;

/// <summary>A row as a multiple of Akka.DistributedData's for the same operation and as many in flight.</summary>
internal static class Comparison
{
    public static Measurement? PeerOf(Measurement row, IReadOnlyList<Measurement> rows) => rows.FirstOrDefault(peer =>
        peer.System == AkkaStore.SystemName
        && peer.Workload.Operation == row.Workload.Operation
        && peer.Workload.InFlight == row.Workload.InFlight);

    public static double Throughput(Measurement row, Measurement peer) => row.OperationsPerSecond / peer.OperationsPerSecond;

    public static double Cpu(Measurement row, Measurement peer) => row.CpuUs / peer.CpuUs;
}
