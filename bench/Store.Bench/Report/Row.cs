using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Report;

/// <summary>A system under one workload, in all repetitions of a run.</summary>
internal sealed record Row(string System, Workload Workload, IReadOnlyList<Measurement> Measured)
{
    public long Errors => Measured.Sum(static one => one.Errors);

    /// <summary>One of the errors, where there were any.</summary>
    public string? Error => Measured.Select(static one => one.Error).FirstOrDefault(static error => error is not null);

    public TimeSpan Settling => Measured.Max(static one => one.Settling);

    /// <summary>The rows of a run, in the order in which they were measured first.</summary>
    public static IReadOnlyList<Row> Of(IEnumerable<Measurement> measurements) =>
        [.. measurements
            .GroupBy(static one => (one.System, Workload: one.Workload.Identity))
            .Select(static group => new Row(group.Key.System, group.Key.Workload, [.. group]))];

    /// <summary>A figure over the repetitions.</summary>
    public Spread Spread(Func<Measurement, double> figure) => Report.Spread.Of(Measured.Select(figure));

    /// <summary>
    /// A figure as a multiple of another row's, taken within each repetition: what else the machine did then bent both. Null where
    /// nothing can be compared.
    /// </summary>
    public Spread? Ratio(Row other, Func<Measurement, double> figure)
    {
        var ratios =
            (from one in Measured
             join peer in other.Measured on one.Repetition equals peer.Repetition
             where figure(peer) > 0
             select figure(one) / figure(peer)).ToList();
        return ratios.Count == 0 ? null : Report.Spread.Of(ratios);
    }

    /// <summary>
    /// What another system did under the same workload; its durability may be another, where it is none of this one's. In an open loop
    /// each system has a rate of its own, and nothing is compared.
    /// </summary>
    public Row? PeerIn(string system, IReadOnlyList<Row> rows) => Workload.IsOpen
        ? null
        : rows.FirstOrDefault(row => row.System == system && row.Workload == Workload)
            ?? rows.FirstOrDefault(row => row.System == system && row.Workload.Asked == Workload.Asked);
}
