using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>Throughput, latency and failures by level, over time, for each side.</summary>
internal static class OverTimeSection
{
    private const int MostSides = 6;

    public static Node Draw(ReportContent content)
    {
        var measured = content.Measurement;
        if (content.Survey.Calls == 0) return Fragment.Empty;
        var series = measured.Series;
        var buckets = series.SelectMany(static one => one.Buckets).ToList();
        var rates = ValueScale.Linear(series.SelectMany(one => Rates(measured, one, Answered)).OfType<double>(), Shown.Number);
        var failures = ValueScale.Linear(series.SelectMany(one => Rates(measured, one, Failed)).OfType<double>(), Shown.Number);
        var latencies = ValueScale.Logarithmic(
            buckets.SelectMany(static bucket => new[] { bucket.Latencies.Percentile(0.5), bucket.Latencies.Percentile(0.99) })
                .Select(static millis => millis ?? 0),
            static millis => Shown.Millis(millis));
        var levels = series.Select(static one => one.Level).Distinct().OrderBy(CallGroup.Rank);
        var section = Prose.Section(
            "over-time",
            "Calls over time",
            Prose.Text("Each point is ", Shown.Seconds(measured.Grid.WidthSeconds), " of the run. The shaded bands are the faults. "
                + "Latency is drawn on a scale where each line is ten times the one below: the thick line is the median (half of the "
                + "answers came sooner), the thin one the 99th percentile (all but one in a hundred did)."),
            LevelStyle.Legend(levels.Select(static level => (level, LevelStyle.ClassOf(level)))));
        var columns = new Element("div").Class(content.Survey.Sides.Count > 1 ? "columns" : "column");
        foreach (var side in content.Survey.Sides.Take(MostSides)) columns.Add(Side(content, side, rates, latencies, failures));
        return section.Add(columns);
    }

    private static Element Side(ReportContent content, string side, ValueScale rates, ValueScale latencies, ValueScale failures)
    {
        var measured = content.Measurement;
        var series = measured.Series.Where(one => one.Side == side).ToList();
        LineChart Chart(string title) => new(title, measured.Grid, content.Survey.Faults);
        Line Of(BucketSeries one, string name, string style, Func<CallTally, double?> value) =>
            new(name, $"{LevelStyle.ClassOf(one.Level)}{style}", [.. one.Buckets.Select(value)]);

        var column = new Element("div");
        if (content.Survey.Sides.Count > 1 || side.Length > 0)
            column.Add(new Element("h3", new Element("bdi", ReportContent.SideName(side))));
        var anyFailed = series.Exists(static one => one.Buckets.Any(static bucket => Failed(bucket) > 0));
        column.Add(
            Chart("answered calls a second").Draw(
                [.. series.Select(one => new Line(one.Level, LevelStyle.ClassOf(one.Level), Rates(measured, one, Answered)))],
                rates, Shown.Number, withAxis: false),
            Chart("latency of answers").Draw(
                [
                    .. series.SelectMany(one => new[]
                    {
                        Of(one, $"{one.Level} median", "", static bucket => bucket.Latencies.Percentile(0.5)),
                        Of(one, $"{one.Level} 99 %", " thin", static bucket => bucket.Latencies.Percentile(0.99)),
                    }),
                ],
                latencies, static millis => Shown.Millis(millis), withAxis: !anyFailed));
        return column.Add(!anyFailed
            ? Prose.Text("No call failed.")
            : Chart("failed calls a second").Draw(
                [.. series.Select(one => new Line(one.Level, LevelStyle.ClassOf(one.Level), Rates(measured, one, Failed)))],
                failures, Shown.Number));
    }

    private static long Answered(CallTally bucket) => bucket.Answered;

    private static long Failed(CallTally bucket) => bucket.Refused + bucket.Unknown;

    /// <summary>Calls a second in each bucket; none in buckets in which callers were done, or nearly so.</summary>
    private static IReadOnlyList<double?> Rates(RunMeasurement measured, BucketSeries series, Func<CallTally, long> count) =>
    [
        .. series.Buckets.Select((bucket, index) =>
            measured.SecondsOf(index) is var seconds && seconds > measured.Grid.WidthSeconds / 3 ? count(bucket) / seconds : (double?)null),
    ];
}
