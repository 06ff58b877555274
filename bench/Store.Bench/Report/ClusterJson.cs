using System.Globalization;
using System.Text.Json.Nodes;

namespace Gossipdb.Bench.Report;

/// <summary>The outcome of a run, for programs.</summary>
internal static class ClusterJson
{
    public static JsonObject Of(ClusterReport report) => new()
    {
        ["machine"] = OfMachine(report.Machine),
        ["date"] = OfDate(report.Machine),
        ["commit"] = BuildInfo.Commit,
        ["seconds"] = report.Window.TotalSeconds,
        ["repetitions"] = report.Repetitions,
        ["rows"] = Array(report.Rows, OfRow),
        ["ratios"] = Array(report.Comparisons, OfComparison),
        ["bars"] = Array(report.Bars, static bar => new JsonObject
        {
            ["what"] = bar.What,
            [bar.IsLeast ? "atLeast" : "atMost"] = bar.Limit,
            ["measured"] = bar.Measured is { } measured ? Math.Round(measured, 3) : null,
            ["met"] = bar.Measured is null ? null : !bar.IsMissed,
        }),
        ["sums"] = Array(report.Verifications, static sum => new JsonObject
        {
            ["system"] = sum.System,
            ["acknowledged"] = sum.Acknowledged,
            ["sum"] = sum.Sum,
            ["attempted"] = sum.Attempted,
            ["holds"] = sum.Holds,
        }),
        ["leftOut"] = Array(report.LeftOut, static line => JsonValue.Create(line)),
    };

    public static JsonObject OfMachine(Machine machine) => new()
    {
        ["cores"] = machine.Cores,
        ["runtime"] = machine.Runtime,
        ["system"] = machine.System,
        ["loadAverage"] = machine.LoadAverage,
    };

    public static string OfDate(Machine machine) => machine.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject OfRow(Row row) => new()
    {
        ["system"] = row.System,
        ["durability"] = row.Workload.Durability,
        ["operation"] = row.Workload.Name,
        ["level"] = row.Workload.Level.ToString().ToUpperInvariant(),
        ["keys"] = row.Workload.Keys,
        ["loop"] = row.Workload.IsOpen ? "open" : "closed",
        ["inFlight"] = row.Workload.InFlight,
        ["operationsPerSecond"] = OfSpread(row.Spread(static one => one.OperationsPerSecond)),
        ["p50Ms"] = OfSpread(row.Spread(static one => one.P50Ms)),
        ["p99Ms"] = OfSpread(row.Spread(static one => one.P99Ms)),
        ["p999Ms"] = OfSpread(row.Spread(static one => one.P999Ms)),
        ["maxMs"] = OfSpread(row.Spread(static one => one.MaxMs)),
        ["cpuUs"] = OfSpread(row.Spread(static one => one.CpuUs)),
        ["errors"] = row.Errors,
        ["error"] = row.Error,
        ["settlingMs"] = Math.Round(row.Settling.TotalMilliseconds),
    };

    private static JsonObject OfComparison((Row Row, Row Peer) pair) => new()
    {
        ["operation"] = pair.Row.Workload.Name,
        ["durability"] = pair.Row.Workload.Durability,
        ["level"] = pair.Row.Workload.Level.ToString().ToUpperInvariant(),
        ["keys"] = pair.Row.Workload.Keys,
        ["inFlight"] = pair.Row.Workload.InFlight,
        ["of"] = pair.Peer.System,
        ["operationsPerSecond"] = OfSpread(pair.Row.Ratio(pair.Peer, static one => one.OperationsPerSecond)),
        ["cpu"] = OfSpread(pair.Row.Ratio(pair.Peer, static one => one.CpuUs)),
    };

    private static JsonObject? OfSpread(Spread? spread) => spread is not { } figure
        ? null
        : new()
        {
            ["median"] = Math.Round(figure.Median, 3),
            ["least"] = Math.Round(figure.Least, 3),
            ["most"] = Math.Round(figure.Most, 3),
        };

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => [.. items.Select(node)];
}
