using System.Text.Json.Nodes;
using Gossipdb.Cli.Hot;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Top;

/// <summary>The figures for programs. Rates are a second, times milliseconds, sizes bytes.</summary>
internal static class TopJson
{
    private const int HotKeys = 20;

    public static JsonObject Document(TopFigures figures) => new()
    {
        ["at"] = ValueOutput.Moment(figures.Sample.At),
        ["partitions"] = figures.Sample.Cluster.Partitions,
        ["replication"] = figures.Sample.Cluster.Replication,
        ["layoutVersion"] = figures.Sample.Cluster.LayoutVersion,
        ["reads"] = Figures(figures.Calls.Reads),
        ["writes"] = Figures(figures.Calls.Writes),
        ["lag"] = figures.Lag,
        ["nodes"] = new JsonArray([.. figures.Nodes.Select(static node => (JsonNode)Node(node))]),
        ["levels"] = new JsonArray([.. figures.Calls.Levels.Select(static level =>
        {
            var document = Figures(level);
            document["level"] = level.Level;
            document["kind"] = level.IsWrite ? "write" : "read";
            return (JsonNode)document;
        })]),
        ["hot"] = figures.Sample.Hot is { } hot ? new HotView(hot, HotKeys, ByteForm.Escaped).Json([]) : null,
        ["hotProblem"] = figures.Sample.HotProblem.Length > 0 ? figures.Sample.HotProblem : null,
        ["events"] = new JsonArray([.. figures.Events.Select(static one => (JsonNode)new JsonObject
        {
            ["kind"] = one.Kind.ToString().ToLowerInvariant(),
            ["text"] = one.Text,
        })]),
    };

    private static JsonObject Node(NodeFigures node)
    {
        var document = new JsonObject { ["node"] = node.Node, ["state"] = node.State, ["lag"] = node.Lag };
        if (node.Status is not { } status) return document;
        document["reads"] = Figures(node.Calls.Reads);
        document["writes"] = Figures(node.Calls.Writes);
        document["heldBytes"] = status.HeldBytes;
        document["repairBytes"] = Rounded(node.RepairBytesPerSecond);
        document["journalCommits"] = Rounded(node.CommitsPerSecond);
        document["commitMs"] = Rounded(node.CommitTime.TotalMilliseconds);
        document["eventsPerCommit"] = Rounded(node.Group);
        document["linkMs"] = node.RoundTrip?.TotalMilliseconds;
        document["clockAheadMs"] = status.ClockAhead?.TotalMilliseconds;
        document["clockUncertaintyMs"] = status.ClockUncertainty.TotalMilliseconds;
        document["processors"] = Rounded(node.Processors);
        document["residentBytes"] = status.Runtime.ResidentBytes;
        document["heapBytes"] = status.Runtime.HeapBytes;
        document["collectionPause"] = Math.Round(node.Paused, 4);
        document["droppedMessages"] = Rounded(node.DropsPerSecond);
        document["queues"] = new JsonArray([.. node.Queues.Select(static queue => (JsonNode)new JsonObject
        {
            ["what"] = queue.Name,
            ["bytes"] = queue.Now,
            ["limit"] = queue.Most,
        })]);
        return document;
    }

    private static JsonObject Figures(CallFigures figures)
    {
        var failures = new JsonObject();
        foreach (var (code, perSecond) in figures.Failures) failures[code] = Rounded(perSecond);
        return new JsonObject
        {
            ["perSecond"] = Rounded(figures.PerSecond),
            ["p50Ms"] = figures.Median.TotalMilliseconds,
            ["p99Ms"] = figures.P99.TotalMilliseconds,
            ["failures"] = failures,
        };
    }

    private static double Rounded(double number) => Math.Round(number, 2);
}
