using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Report;

/// <summary>
/// A claim about Gossipdb's throughput as a multiple of Akka.DistributedData's, and what was measured; null where it was not.
/// </summary>
internal sealed record Bar(string What, double Wanted, double? Measured)
{
    public bool Met => Measured >= Wanted;

    public static IReadOnlyList<Bar> Of(IReadOnlyList<Measurement> rows) =>
    [
        ForIncrements(rows, nameof(Client.Durability.Memory), 5),
        ForIncrements(rows, nameof(Client.Durability.Journal), 2),
    ];

    private static Bar ForIncrements(IReadOnlyList<Measurement> rows, string durability, double wanted)
    {
        var row = rows.FirstOrDefault(row => row.Workload == new Workload(Operation.Increment, 64, durability));
        return new(
            $"increments at 64 in flight, {durability}",
            wanted,
            row is not null && Comparison.PeerOf(row, rows) is { } peer ? Comparison.Throughput(row, peer) : null);
    }
}
