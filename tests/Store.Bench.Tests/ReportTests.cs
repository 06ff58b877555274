using Gossipdb.Bench.Baseline;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;
using Gossipdb.Bench.Peers;
using Gossipdb.Bench.Redis;
using Gossipdb.Bench.Report;

namespace Gossipdb.Bench.Tests;

public sealed class ReportTests
{
    private static readonly Workload Journal = new(Operation.Increment, 64, "Journal");

    [Theory]
    [InlineData(new[] { 5.0 }, 5, 5, 5)]
    [InlineData(new[] { 3.0, 1, 2 }, 2, 1, 3)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5, 1, 4)]
    public void A_spread_is_the_median_the_least_and_the_most(double[] figures, double median, double least, double most) =>
        Assert.Equal(new Spread(median, least, most), Spread.Of(figures));

    [Fact]
    public void A_ratio_is_taken_within_each_repetition()
    {
        // The machine was half as fast in the second: no median of one system over both would show that they are alike.
        var rows = Rows(
            Of(GossipdbStore.SystemName, Journal, 200, 0),
            Of(GossipdbStore.SystemName, Journal, 100, 1),
            Of(RedisStore.SystemName, Journal, 100, 0),
            Of(RedisStore.SystemName, Journal, 50, 1));

        Assert.Equal(new Spread(2, 2, 2), rows[0].Ratio(rows[1], static one => one.OperationsPerSecond));
    }

    [Fact]
    public void Repetitions_that_only_one_system_has_and_figures_of_nothing_give_no_ratio()
    {
        var rows = Rows(
            Of(GossipdbStore.SystemName, Journal, 200, 0),
            Of(GossipdbStore.SystemName, Journal, 100, 1),
            Of(RedisStore.SystemName, Journal, 0, 0),
            Of(RedisStore.SystemName, Journal, 50, 2));

        Assert.Null(rows[0].Ratio(rows[1], static one => one.OperationsPerSecond));
    }

    [Fact]
    public void A_row_is_compared_with_the_same_workload_whatever_the_durability_is_called()
    {
        var rows = Rows(
            Of(GossipdbStore.SystemName, Journal, 200),
            Of(RedisStore.SystemName, Journal with { Durability = "AOF", InFlight = 1 }, 1),
            Of(RedisStore.SystemName, Journal with { Durability = "AOF", Level = Level.All }, 2),
            Of(RedisStore.SystemName, Journal with { Durability = "AOF", Keys = 20_000 }, 3),
            Of(RedisStore.SystemName, Journal with { Durability = "AOF" }, 4));

        Assert.Same(rows[4], rows[0].PeerIn(RedisStore.SystemName, rows));
        Assert.Null(rows[0].PeerIn(AkkaStore.SystemName, rows));
    }

    [Fact]
    public void Open_loops_of_several_repetitions_are_one_row_and_compared_with_none()
    {
        var open = Journal with { InFlight = 0 };

        var rows = Rows(
            Of(GossipdbStore.SystemName, open with { PerSecond = 10 }, 10, 0),
            Of(GossipdbStore.SystemName, open with { PerSecond = 20 }, 20, 1),
            Of(RedisStore.SystemName, open with { PerSecond = 10 }, 10, 0));

        Assert.Equal(2, rows.Count);
        Assert.Equal(15, rows[0].Spread(static one => one.OperationsPerSecond).Median);
        Assert.Null(rows[0].PeerIn(RedisStore.SystemName, rows));
    }

    [Theory]
    [InlineData(1_000, 6.1, false)]
    [InlineData(1_000, 5.9, true)]
    [InlineData(20_000, 9.9, true)]
    public void Increments_have_a_higher_bar_over_many_keys(int keys, double ratio, bool missed)
    {
        var memory = new Workload(Operation.Increment, 64, "Memory") { Keys = keys };

        var bar = Assert.Single(Bar.Of(Rows(
            Of(GossipdbStore.SystemName, memory, ratio * 100), Of(AkkaStore.SystemName, memory with { Durability = null }, 100))));

        Assert.Equal(missed, bar.IsMissed);
    }

    [Fact]
    public void A_bar_whose_peer_was_not_measured_is_not_missed()
    {
        var bars = Bar.Of(Rows(Of(GossipdbStore.SystemName, Journal, 100)));

        Assert.Equal([3, 0.5], bars.Select(static bar => bar.Limit));
        Assert.All(bars, static bar => Assert.False(bar.IsMissed || bar.Measured is not null));
    }

    [Fact]
    public void The_tail_of_an_open_loop_has_a_bar()
    {
        var open = Journal with { InFlight = 0, PerSecond = 100 };

        var bar = Assert.Single(Bar.Of(Rows(Of(GossipdbStore.SystemName, open, 100) with { P50Ms = 2, P999Ms = 50 })));

        Assert.True(bar.IsMissed);
        Assert.Equal(25, bar.Measured);
    }

    [Fact]
    public void CPU_has_a_bar_against_another_build()
    {
        var memory = new Workload(Operation.Increment, 64, "Memory");

        var bars = Bar.Of(Rows(
            Of(GossipdbStore.SystemName, memory, 1) with { CpuUs = 30 }, Of(BaselineRun.SystemName, memory, 1) with { CpuUs = 100 }));

        var bar = Assert.Single(bars, static bar => bar.Measured is not null);
        Assert.True(bar is { Measured: 0.3, Limit: 0.22, IsMissed: true });
    }

    [Fact]
    public void What_a_build_prints_another_one_reads()
    {
        var journal = Journal with { Level = Level.All };
        Measurement[] measured = [Of(GossipdbStore.SystemName, journal, 1_234) with { CpuUs = 5.5, P999Ms = 7, Errors = 2 }];
        var report = new ClusterReport(Machine.Now(), TimeSpan.FromSeconds(1), 1, measured, [], []);

        var read = Assert.Single(BaselineRun.Parse(ClusterJson.Of(report).ToJsonString(), 1_000));

        Assert.Equal(measured[0] with { System = BaselineRun.SystemName }, read);
    }

    [Fact]
    public void What_a_build_printed_before_there_were_repetitions_is_read_too()
    {
        const string Printed = """
            { "rows": [ { "system": "Gossipdb", "durability": "Memory", "operation": "increment", "inFlight": 64,
              "operationsPerSecond": 10.5, "p50Ms": 1, "p99Ms": 2, "maxMs": 3, "cpuUs": 4, "errors": 0, "error": null } ] }
            """;

        var read = Assert.Single(BaselineRun.Parse(Printed, 1_000));

        Assert.Equal(new Workload(Operation.Increment, 64, "Memory"), read.Workload);
        Assert.Equal((10.5, 4), (read.OperationsPerSecond, read.CpuUs));
    }

    private static Measurement Of(string system, Workload workload, double perSecond, int repetition = 0) =>
        new(system, workload) { OperationsPerSecond = perSecond, Repetition = repetition };

    private static IReadOnlyList<Row> Rows(params Measurement[] measured) => Row.Of(measured);
}
