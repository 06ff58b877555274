using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Client;
using Spectre.Console;

namespace Gossipdb.Cli.Hot;

/// <summary>What is asked for most, for people and for programs.</summary>
internal sealed class HotView(HotReport report, int limit, ByteForm form)
{
    // A key that takes so much of all calls is worth a remark.
    private const double HeavyShare = 0.1;
    private const int BarWidth = 20;
    private const int LongestKey = 60;

    /// <summary>The first key, where it takes much of all calls, and there are enough of them to say so.</summary>
    public HotKey? Heavy => report.PerSecond >= 1 && report.Keys.FirstOrDefault() is { Share: >= HeavyShare } first ? first : null;

    /// <summary>A key and what it takes.</summary>
    public string WordsOf(HotKey key) => $"{NameOf(key)} takes {Percent(key.Share)} of all calls.";

    public void PrintKeys(Terminal terminal)
    {
        terminal.Line(Heading());
        if (report.Keys.Count == 0) return;
        var table = Columns("key", "partition", "calls/s", "reads/s", "writes/s", "share", "");
        var most = report.Keys[0].Share;
        foreach (var key in report.Keys.Take(limit))
        {
            table.AddTextRow(
                NameOf(key), $"{key.Partition}", Range(key.AtLeast, key.AtMost), Rate(key.Reads), Rate(key.Writes), Percent(key.Share),
                Bars.Beside(key.Share, most, BarWidth));
        }

        terminal.Render(table);
        terminal.Line("Counted in bounded memory: of two numbers the true one lies between; reads, writes and shares are at least what is "
            + $"shown. No key that is not listed gets more than {Rate(NotShown)} calls/s.");
    }

    public void PrintPartitions(Terminal terminal, ClusterDescription cluster)
    {
        terminal.Line(Heading());
        if (report.Partitions.Count == 0) return;
        var table = Columns("partition", "owners", "calls/s", "reads/s", "writes/s", "scans/s", "share", "");
        foreach (var one in report.Partitions.Take(limit))
        {
            table.AddTextRow(
                $"{one.Partition}",
                one.Partition < cluster.Owners.Count ? string.Join(", ", cluster.Owners[one.Partition]) : "",
                Rate(one.PerSecond), Rate(one.Reads), Rate(one.Writes), Rate(one.Scans), Percent(one.Share),
                Bars.Beside(one.Share, report.Partitions[0].Share, BarWidth));
        }

        terminal.Render(table);
        terminal.Line($"{report.Partitions.Count} of {cluster.Partitions} partitions were asked for. Evenly spread, each of all would get "
            + $"{Percent(1.0 / Math.Max(1, cluster.Partitions))}; these counts are exact.");
    }

    public JsonObject Json(IReadOnlyList<NodeAnswer<HotReport>> answers) => new()
    {
        ["nodes"] = ValueOutput.Json(report.Nodes),
        ["silent"] = ValueOutput.Json(answers.Where(static answer => answer.Value is null).Select(static answer => answer.Node)),
        ["counting"] = report.IsCounting,
        ["windowSeconds"] = Rounded(report.Window.TotalSeconds),
        ["callsPerSecond"] = Rounded(report.PerSecond),
        ["keys"] = new JsonArray([.. report.Keys.Take(limit).Select(key => (JsonNode)new JsonObject
        {
            ["key"] = form.Whole(key.Key),
            ["bytes"] = key.Length,
            ["isCut"] = key.IsCut,
            ["partition"] = key.Partition,
            ["atLeastPerSecond"] = Rounded(key.AtLeast),
            ["atMostPerSecond"] = Rounded(key.AtMost),
            ["readsPerSecond"] = Rounded(key.Reads),
            ["writesPerSecond"] = Rounded(key.Writes),
            ["share"] = Math.Round(key.Share, 4),
        })]),
        ["unlistedAtMostPerSecond"] = Rounded(NotShown),
        ["partitions"] = new JsonArray([.. report.Partitions.Select(static one => (JsonNode)new JsonObject
        {
            ["partition"] = one.Partition,
            ["readsPerSecond"] = Rounded(one.Reads),
            ["writesPerSecond"] = Rounded(one.Writes),
            ["scansPerSecond"] = Rounded(one.Scans),
            ["share"] = Math.Round(one.Share, 4),
        })]),
    };

    // What holds for keys that the nodes do not tell holds for those that are left out here only with these.
    private double NotShown =>
        Math.Max(report.UnlistedAtMost, report.Keys.Skip(limit).Select(static key => key.AtMost).DefaultIfEmpty().Max());

    private string Heading() => report.PerSecond == 0
        ? $"no key was asked for in the last {Seconds(report.Window)}"
        : $"{Rate(report.PerSecond)} calls/s in the last {Seconds(report.Window)}, coordinated by "
            + $"node{(report.Nodes.Count == 1 ? "" : "s")} {string.Join(", ", report.Nodes)}; a call of several keys counts once for each";

    /// <summary>The key in one line, cut where it is long.</summary>
    public string NameOf(HotKey key)
    {
        var text = form.Line(key.Key);
        if (text.Length > LongestKey) return $"{text[..(LongestKey - 1)]}… ({key.Length} B)";
        return key.IsCut ? $"{text}… ({key.Length} B)" : text;
    }

    private static Table Columns(params string[] names)
    {
        var table = Tables.New(names);
        for (var i = 1; i < names.Length; i++)
        {
            table.Columns[i].NoWrap = true;
            if (names[i] is not ("" or "owners")) table.Columns[i].Alignment = Justify.Right;
        }

        return table;
    }

    private static string Range(double least, double most)
    {
        var (low, high) = (Rate(least), Rate(most));
        return low == high || most - least < 0.01 * least ? low : $"{low}–{high}";
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, time.TotalSeconds):0} s");

    private static string Rate(double perSecond) => Numbers.Rate(perSecond);

    private static string Percent(double share) => Numbers.Percent(share);

    private static double Rounded(double number) => Math.Round(number, 2);
}
