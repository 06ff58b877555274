using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Bench.Report;
using Spectre.Console;

namespace Gossipdb.Bench.Timeline;

/// <summary>What a run of <c>timeline</c> showed.</summary>
internal sealed record TimelineOutcome(
    Machine Machine, IReadOnlyList<Phase> Phases, Recorder Majority, Recorder Minority, long Acknowledged, long Attempted, long Sum)
{
    public const string Before = "three nodes";
    public const string Cut = "cut {1,2} | {3}";
    public const string Killed = "kill -9 of node 3";
    private const double LeastShareDuringCut = 0.8;

    /// <summary>Whether every acknowledged increment is counted, and none that was not sent.</summary>
    public bool SumHolds => Acknowledged <= Sum && Sum <= Attempted;

    /// <summary>The majority's throughput during the cut, as a share of what it was before.</summary>
    public double ShareDuringCut => PerSecondIn(Cut) / PerSecondIn(Before);

    public bool BarMet => ShareDuringCut >= LeastShareDuringCut;

    public string ToSvg() => TimelinePlot.Svg(Majority, Minority, Phases, static phase => phase.Name is Cut or Killed);

    public void Print()
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("phase");
        foreach (var column in (string[])["seconds", "ops/s", "p50 ms", "p99 ms", "max ms"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("errors");
        foreach (var column in (string[])["node 3: ops/s", "p99 ms"]) table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("errors");
        foreach (var phase in Phases)
        {
            var (majority, minority) = (Of(Majority, phase), Of(Minority, phase));
            table.AddRow(
                Markup.Escape(phase.Name),
                Number((phase.Until - phase.From).TotalSeconds, "0.0"),
                Number(majority.PerSecond, "#,0"),
                Milliseconds(majority, 50),
                Milliseconds(majority, 99),
                Milliseconds(majority, 100),
                majority.ErrorText,
                Number(minority.PerSecond, "#,0"),
                Milliseconds(minority, 99),
                minority.ErrorText);
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine(
            $"Bar: the majority's throughput during the cut / before ≥ {Number(LeastShareDuringCut, "0.0")}: "
            + $"{Number(ShareDuringCut, "0.00")} – {(BarMet ? "met" : "NOT MET")}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Sum: {Acknowledged:#,0} acknowledged ≤ {Sum:#,0} counted ≤ {Attempted:#,0} sent: {(SumHolds ? "holds" : "VIOLATED")}"));
        Console.WriteLine($"Machine: {Machine}. Commit {BuildInfo.Commit ?? "unknown"}.");
    }

    public JsonObject ToJson() => new()
    {
        ["machine"] = ClusterJson.OfMachine(Machine),
        ["date"] = ClusterJson.OfDate(Machine),
        ["commit"] = BuildInfo.Commit,
        ["phases"] = new JsonArray([.. Phases.Select(phase => new JsonObject
        {
            ["phase"] = phase.Name,
            ["from"] = Math.Round((phase.From - Phases[0].From).TotalSeconds, 2),
            ["until"] = Math.Round((phase.Until - Phases[0].From).TotalSeconds, 2),
            ["majority"] = ToJson(Of(Majority, phase)),
            ["node3"] = ToJson(Of(Minority, phase)),
        })]),
        ["majorityDuringCutOfBefore"] = Math.Round(ShareDuringCut, 3),
        ["acknowledged"] = Acknowledged,
        ["sum"] = Sum,
        ["attempted"] = Attempted,
    };

    private static JsonObject ToJson(Tally tally) => new()
    {
        ["operationsPerSecond"] = Math.Round(tally.PerSecond, 1),
        ["p50Ms"] = Figure(tally, 50),
        ["p99Ms"] = Figure(tally, 99),
        ["maxMs"] = Figure(tally, 100),
        ["errors"] = new JsonObject(tally.Errors.Select(static error => KeyValuePair.Create<string, JsonNode?>(error.Key, error.Value))),
    };

    private static JsonValue? Figure(Tally tally, double percentile) =>
        tally.PercentileMs(percentile) is var figure && double.IsNaN(figure) ? null : JsonValue.Create(figure);

    private static Tally Of(Recorder recorder, Phase phase) => recorder.Between(phase.From, phase.Until);

    private double PerSecondIn(string name) => Of(Majority, Phases.First(phase => phase.Name == name)).PerSecond;

    private static string Milliseconds(Tally tally, double percentile) =>
        tally.PercentileMs(percentile) is var figure && double.IsNaN(figure) ? "–" : Number(figure, "0.0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
