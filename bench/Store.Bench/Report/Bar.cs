using Gossipdb.Bench.Baseline;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;
using Gossipdb.Bench.Peers;
using Gossipdb.Bench.Redis;

namespace Gossipdb.Bench.Report;

/// <summary>A claim about Gossipdb, as a ratio of two figures of one run.</summary>
/// <param name="What">Which ratio.</param>
/// <param name="Limit">What it must not pass.</param>
/// <param name="IsLeast">Whether the limit is the least that will do; otherwise the most.</param>
/// <param name="Measured">The ratio, as the median of the repetitions; null where there was nothing to compare to.</param>
internal sealed record Bar(string What, double Limit, bool IsLeast, double? Measured)
{
    private const int ManyKeys = 20_000;
    private const string Memory = nameof(Client.Durability.Memory);
    private const string Journal = nameof(Client.Durability.Journal);

    public bool IsMissed => Measured is { } measured && (IsLeast ? measured < Limit : measured > Limit);

    /// <summary>The bars whose subject was measured.</summary>
    public static IReadOnlyList<Bar> Of(IReadOnlyList<Row> rows) =>
        [.. rows.Where(static row => row.System == GossipdbStore.SystemName).SelectMany(row => OfRow(row, rows))];

    private static IEnumerable<Bar> OfRow(Row row, IReadOnlyList<Row> rows)
    {
        var load = row.Workload;
        if (load.Level != Level.Quorum) yield break;
        if (load.IsOpen && load.Operation is Operation.Increment or Operation.Read)
        {
            var tail = row.Spread(static one => one.P50Ms == 0 ? 0 : one.P999Ms / one.P50Ms);
            yield return new($"{load}: p99.9 / p50", 20, false, tail.Median);
        }

        if (load.InFlight == 64)
        {
            foreach (var (operation, durability, limit, peer) in AgainstPeers(load.Keys))
            {
                if (load.Operation == operation && load.Durability == durability)
                    yield return new($"{load}: ops / {peer}'s", limit, true, Ratio(peer, static one => one.OperationsPerSecond));
            }

            if (load.Keys == WorkloadSelection.ScaleLarge)
            {
                var small = rows.FirstOrDefault(other =>
                    other.System == row.System && other.Workload == load with { Keys = WorkloadSelection.ScaleSmall });
                yield return new(
                    $"{load}: ops / with {WorkloadSelection.ScaleSmall:#,0} keys",
                    0.85,
                    true,
                    small is null ? null : row.Ratio(small, static one => one.OperationsPerSecond)?.Median);
            }
        }

        if (load is { Operation: Operation.Increment, Durability: Memory, InFlight: 1 or 64 }
            && rows.Any(static other => other.System == BaselineRun.SystemName))
        {
            yield return new(
                $"{load}: CPU / {BaselineRun.SystemName}'s",
                load.InFlight == 1 ? 0.3 : 0.22,
                false,
                Ratio(BaselineRun.SystemName, static one => one.CpuUs));
        }

        double? Ratio(string system, Func<Measurement, double> figure) =>
            row.PeerIn(system, rows) is { } peer ? row.Ratio(peer, figure)?.Median : null;
    }

    private static IEnumerable<(Operation Operation, string? Durability, double Limit, string Peer)> AgainstPeers(int keys) =>
    [
        (Operation.Increment, Memory, keys >= ManyKeys ? 10 : 6, AkkaStore.SystemName),
        (Operation.Increment, Journal, 3, AkkaStore.SystemName),
        (Operation.Read, null, 6, AkkaStore.SystemName),
        (Operation.Increment, Journal, 0.5, RedisStore.SystemName),
    ];
}
