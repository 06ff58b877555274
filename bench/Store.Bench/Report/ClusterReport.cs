using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gossipdb.Bench.Cluster;
using Gossipdb.Bench.Load;
using Spectre.Console;

namespace Gossipdb.Bench.Report;

/// <summary>The outcome of a run, for people and for programs.</summary>
internal sealed class ClusterReport(
    Machine machine, TimeSpan window, int keys, IReadOnlyList<Measurement> rows, IReadOnlyList<Verification> verifications)
{
    private const int WidthWithoutTerminal = 130;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public IReadOnlyList<Bar> Bars { get; } = Bar.Of(rows);

    public void Print()
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = WidthWithoutTerminal;
        AnsiConsole.Write(ToTable());
        foreach (var line in Lines()) Console.WriteLine(line);
    }

    public void WriteJson(TextWriter output) => output.WriteLine(new JsonObject
    {
        ["machine"] = new JsonObject
        {
            ["cores"] = machine.Cores,
            ["runtime"] = machine.Runtime,
            ["system"] = machine.System,
            ["loadAverage"] = machine.LoadAverage,
        },
        ["seconds"] = window.TotalSeconds,
        ["keys"] = keys,
        ["rows"] = new JsonArray([.. rows.Select(ToJson)]),
        ["bars"] = new JsonArray([.. Bars.Select(static bar => new JsonObject
        {
            ["what"] = bar.What,
            ["wanted"] = bar.Wanted,
            ["measured"] = bar.Measured,
            ["met"] = bar.Met,
        })]),
        ["sums"] = new JsonArray([.. verifications.Select(static sum => new JsonObject
        {
            ["system"] = sum.System,
            ["acknowledged"] = sum.Acknowledged,
            ["sum"] = sum.Sum,
            ["attempted"] = sum.Attempted,
            ["holds"] = sum.Holds,
        })]),
    }.ToJsonString(Indented));

    private Table ToTable()
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var text in (string[])["system", "durability", "operation"]) table.AddColumn(new TableColumn(text).NoWrap());
        foreach (var number in (string[])["in flight", "ops/s", "p50 ms", "p99 ms", "cpu µs/op", "errors", "ops × Akka", "cpu × Akka"])
            table.AddColumn(new TableColumn(number).RightAligned().NoWrap());
        foreach (var row in rows)
        {
            var peer = Comparison.PeerOf(row, rows);
            table.AddRow(
                row.System,
                row.Workload.Durability ?? (row.Workload.Operation == Operation.Increment ? "none" : "–"),
                row.Workload.Operation.ToString().ToLowerInvariant(),
                Number(row.Workload.InFlight, "0"),
                Number(row.OperationsPerSecond, "#,0"),
                Number(row.P50Ms, "0.00"),
                Number(row.P99Ms, "0.00"),
                Number(row.CpuUs, "#,0"),
                Number(row.Load.Errors, "0"),
                peer is null ? "–" : Number(Comparison.Throughput(row, peer), "0.00"),
                peer is null ? "–" : Number(Comparison.Cpu(row, peer), "0.00"));
        }

        return table;
    }

    private IEnumerable<string> Lines()
    {
        foreach (var bar in Bars)
        {
            var verdict = bar.Measured is { } measured ? $"{Number(measured, "0.00")} × – {(bar.Met ? "met" : "NOT MET")}" : "not compared";
            yield return $"Bar: {bar.What}: at least {Number(bar.Wanted, "0")} × Akka.DistributedData: {verdict}";
        }

        foreach (var sum in verifications)
        {
            var verdict = sum.Holds ? "holds" : "VIOLATED";
            yield return Invariant(
                $"Sums, {sum.System}: {sum.Acknowledged:#,0} acknowledged ≤ {sum.Sum:#,0} counted ≤ {sum.Attempted:#,0} sent: {verdict}");
        }

        foreach (var row in rows.Where(static row => row.Load.Error is not null))
            yield return $"Errors, {row.System}, {row.Workload}: {row.Load.Errors}, one of them {row.Load.Error}";
        foreach (var row in rows.Where(static row => row.Settling > TimeSpan.FromMilliseconds(200)))
        {
            var settling = Number(row.Settling.TotalSeconds, "0.0");
            yield return $"Backlog, {row.System}, {row.Workload}: the journal needed {settling} s more after the load had ended";
        }

        yield return "";
        yield return $"Machine: {machine}.";
        yield return Invariant($"Method: {window.TotalSeconds:0} s a row after a warm-up; {keys:#,0} counters;")
            + " three processes of each system; W = R = quorum; closed loop.";
        yield return "Gossipdb is driven by its client, from one more process. Akka.DistributedData is driven inside its three";
        yield return "processes and pays no client hop (1 in flight: one process drives; 64: a third each). It keeps data in memory only.";
        yield return "cpu µs/op: user and system time of all processes, the driver's included, for one acknowledged operation.";
        yield return "× Akka: this row divided by Akka's row of the same operation and in flight; ops: more is better, cpu: less is.";
        yield return "Other work on the machine slows rows and so bends ops × Akka, as the systems run one after the other; cpu "
            + "bends less.";
    }

    private JsonNode ToJson(Measurement row)
    {
        var peer = Comparison.PeerOf(row, rows);
        return new JsonObject
        {
            ["system"] = row.System,
            ["durability"] = row.Workload.Durability,
            ["operation"] = row.Workload.Operation.ToString().ToLowerInvariant(),
            ["inFlight"] = row.Workload.InFlight,
            ["operationsPerSecond"] = Math.Round(row.OperationsPerSecond, 1),
            ["p50Ms"] = row.P50Ms,
            ["p99Ms"] = row.P99Ms,
            ["maxMs"] = row.MaxMs,
            ["cpuUs"] = Math.Round(row.CpuUs, 1),
            ["errors"] = row.Load.Errors,
            ["error"] = row.Load.Error,
            ["settlingMs"] = Math.Round(row.Settling.TotalMilliseconds),
            ["throughputRatio"] = peer is null ? null : Math.Round(Comparison.Throughput(row, peer), 3),
            ["cpuRatio"] = peer is null ? null : Math.Round(Comparison.Cpu(row, peer), 3),
        };
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
