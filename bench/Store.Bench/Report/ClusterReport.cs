using System.Globalization;
using Gossipdb.Bench.Baseline;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Peers;
using Gossipdb.Bench.Redis;
using Spectre.Console;

namespace Gossipdb.Bench.Report;

/// <summary>The outcome of a run, for people; <see cref="ClusterJson"/> is for programs.</summary>
internal sealed class ClusterReport(
    Machine machine,
    TimeSpan window,
    int repetitions,
    IReadOnlyList<Measurement> measurements,
    IReadOnlyList<Verification> verifications,
    IReadOnlyList<string> leftOut)
{
    /// <summary>What Gossipdb is compared to, in the order of the columns.</summary>
    public static readonly IReadOnlyList<string> Peers = [AkkaStore.SystemName, RedisStore.SystemName, BaselineRun.SystemName];

    private const int WidthWithoutTerminal = 160;

    public Machine Machine => machine;

    public TimeSpan Window => window;

    public int Repetitions => repetitions;

    public IReadOnlyList<Row> Rows { get; } = Row.Of(measurements);

    public IReadOnlyList<Verification> Verifications => verifications;

    public IReadOnlyList<string> LeftOut => leftOut;

    public IReadOnlyList<Bar> Bars => field ??= Bar.Of(Rows);

    /// <summary>Gossipdb's rows, each with the row of another system it is compared to.</summary>
    public IEnumerable<(Row Row, Row Peer)> Comparisons =>
        from row in Rows
        where row.System == GossipdbStore.SystemName
        from peer in Peers
        let other = row.PeerIn(peer, Rows)
        where other is not null
        select (row, other);

    public void Print()
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = WidthWithoutTerminal;
        AnsiConsole.Write(FigureTable());
        if (Comparisons.Any()) AnsiConsole.Write(RatioTable());
        foreach (var line in Lines()) Console.WriteLine(line);
    }

    private Table FigureTable()
    {
        var table = NewTable(
            ["system", "operation", "level", "durability"],
            ["keys", "in flight", "ops/s", "p50 ms", "p99 ms", "p99.9 ms", "cpu µs/op", "errors"]);
        foreach (var row in Rows)
        {
            table.AddRow(
                row.System,
                row.Workload.Name,
                LevelOf(row),
                row.Workload.Durability ?? (row.Workload.Writes ? "none" : "–"),
                Number(row.Workload.Keys, "#,0"),
                row.Workload.IsOpen ? "open" : Number(row.Workload.InFlight, "0"),
                Number(row.Spread(static one => one.OperationsPerSecond).Median, "#,0"),
                Number(row.Spread(static one => one.P50Ms).Median, "0.00"),
                Number(row.Spread(static one => one.P99Ms).Median, "0.00"),
                row.Spread(static one => one.P999Ms).Median is > 0 and var tail ? Number(tail, "0.00") : "–", // an earlier build tells none
                Number(row.Spread(static one => one.CpuUs).Median, "#,0"),
                Number(row.Errors, "0"));
        }

        return table;
    }

    private Table RatioTable()
    {
        var table = NewTable(
            ["Gossipdb", "level", "durability"], ["in flight"]);
        table.AddColumn(new TableColumn("/ of").NoWrap());
        foreach (var number in (string[])["ops ×", "cpu ×"]) table.AddColumn(new TableColumn(number).RightAligned().NoWrap());
        foreach (var (row, peer) in Comparisons)
        {
            table.AddRow(
                row.Workload.Name,
                LevelOf(row),
                row.Workload.Durability ?? "–",
                Number(row.Workload.InFlight, "0"),
                peer.System,
                Text(row.Ratio(peer, static one => one.OperationsPerSecond)),
                Text(row.Ratio(peer, static one => one.CpuUs)));
        }

        return table;
    }

    private static Table NewTable(string[] texts, string[] numbers)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var text in texts) table.AddColumn(new TableColumn(text).NoWrap());
        foreach (var number in numbers) table.AddColumn(new TableColumn(number).RightAligned().NoWrap());
        return table;
    }

    private IEnumerable<string> Lines()
    {
        foreach (var bar in Bars)
        {
            var verdict = bar.Measured is { } measured
                ? $"{Number(measured, "0.00")} – {(bar.IsMissed ? "NOT MET" : "met")}"
                : "not compared";
            yield return $"Bar: {bar.What} {(bar.IsLeast ? "≥" : "≤")} {Number(bar.Limit, "0.##")}: {verdict}";
        }

        foreach (var sum in verifications)
        {
            var verdict = sum.Holds ? "holds" : "VIOLATED";
            yield return Invariant(
                $"Sums, {sum.System}: {sum.Acknowledged:#,0} acknowledged ≤ {sum.Sum:#,0} counted ≤ {sum.Attempted:#,0} sent: {verdict}");
        }

        foreach (var row in Rows.Where(static row => row.Error is not null))
            yield return $"Errors, {row.System}, {row.Workload}: {row.Errors}, one of them {row.Error}";
        foreach (var row in Rows.Where(static row => row.Settling > TimeSpan.FromMilliseconds(200)))
        {
            var settling = Number(row.Settling.TotalSeconds, "0.0");
            yield return $"Backlog, {row.System}, {row.Workload}: it went on for {settling} s more after the load had ended";
        }

        foreach (var line in leftOut) yield return line;
        yield return "";
        yield return $"Machine: {machine}. Commit {BuildInfo.Commit ?? "unknown"}.";
        yield return Invariant($"Method: {window.TotalSeconds:0} s a row after a warm-up; repetitions: {repetitions};")
            + " three processes of each system. Figures are medians of the repetitions.";
        yield return "Gossipdb and Redis are driven from one more process. Akka.DistributedData is driven inside its three processes and";
        yield return "pays no client hop (1 in flight: one process drives; 64: a third each). It keeps data in memory only.";
        yield return "Redis: a primary and two replicas, AOF everysec; a write is followed by WAIT for one replica (QUORUM) or both (ALL);";
        yield return "a read is the primary's own.";
        yield return "cpu µs/op: user and system time of all processes, the driver's included, for one acknowledged operation.";
        yield return "ratios: Gossipdb's figure divided by the other system's in the same repetition, least and most in brackets;";
        yield return "ops: more is better, cpu: less is. Other work on the machine bends ops, as the systems run one after the other;";
        yield return "cpu less.";
    }

    private static string LevelOf(Row row) => row.System == RedisStore.SystemName && !row.Workload.Writes
        ? "primary"
        : row.Workload.Level.ToString().ToUpperInvariant();

    private string Text(Spread? spread) => spread is not { } ratio
        ? "–"
        : Number(ratio.Median, "0.00") + (repetitions == 1 ? "" : $" ({Number(ratio.Least, "0.00")}–{Number(ratio.Most, "0.00")})");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
