using Gossipdb.Checking.Pbs;
using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>How old what reads returned was; and how soon a write is seen, measured and predicted.</summary>
internal static class StalenessSection
{
    private const int MostComparisons = 4;
    private const int CurvePoints = 80;
    private const int RowHeight = 26;

    public static Node Draw(ReportContent content)
    {
        var (levels, comparisons) = (content.Staleness, content.Visibility);
        if (levels.Count == 0) return Fragment.Empty;
        var section = Prose.Section(
            "staleness",
            "How old what reads returned was",
            Prose.Text("A read is stale where it lacks a write that had been acked before the read began. Its age is how long ago the "
                + "oldest write that it lacks was acked."),
            Ages(levels));
        if (comparisons.Count == 0) return section.Add(Lesson(isPredicted: false));
        section.Add(new Element("h3", "How soon a write is seen: measured, and predicted from latencies"));
        foreach (var one in comparisons.Take(MostComparisons)) section.Add(Comparison(one));
        return section.Add(Lesson(isPredicted: true));
    }

    private static Element Ages(IReadOnlyList<StalenessFigures> levels)
    {
        string[] titles = ["reads at", "age of the stale ones, each mark ten times the one before", "stale", "oldest"];
        var head = new Element("tr", titles.Select(static title => (Node)new Element("th", title).With("scope", "col")));
        var scale = ValueScale.Logarithmic(
            levels.SelectMany(static one => new[] { one.P50Ms, one.MostMs }).OfType<double>().Where(static millis => millis >= 0.1),
            static millis => Shown.Millis(millis));
        var body = new Element("tbody", levels.Select(one => (Node)new Element(
            "tr",
            new Element("th", new Element("bdi", one.Level)).With("scope", "row"),
            new Element("td", Strip(one, scale)),
            new Element("td", Shown.Percent(one.Share)).Class("share"),
            new Element("td", one.Stale == 0 ? "–" : Shown.Millis(one.MostMs)).Class("share"))));
        var axis = new Element("tr", new Element("td"), new Element("td", scale.DrawAcross()), new Element("td"), new Element("td"));
        return new Element("figure", new Element("table", new Element("thead", head), body, new Element("tbody", axis)
            .With("aria-hidden", "true")).Class("lanes availability")).Class("chart");
    }

    private static Element Strip(StalenessFigures one, ValueScale scale)
    {
        var svg = new Element("svg").Class("plot").With("width", "100%").With("height", RowHeight).With("role", "img")
            .With("aria-label", $"ages of stale reads at {one.Level}");
        foreach (var (value, _) in scale.Ticks())
        {
            var x = scale.Share(value);
            svg.Add(new Element("line").WithShare("x1", x).WithShare("x2", x).With("y1", 0).With("y2", RowHeight).Class("grid"));
        }

        if (one is not { P50Ms: { } half, P99Ms: { } most }) return svg;
        var (from, to, style) = (scale.Share(half), scale.Share(most), LevelStyle.ClassOf(one.Level));
        return svg.Add(
            new Element("line").WithShare("x1", from).WithShare("x2", to).With("y1", 13).With("y2", 13).Class($"range {style}"),
            new Element("line").WithShare("x1", to).WithShare("x2", to).With("y1", 9).With("y2", 17).Class($"range {style}"),
            new Element("circle").WithShare("cx", from).With("cy", 13).With("r", 5).Class($"dot {style}"));
    }

    private static Element Comparison(PbsComparison one)
    {
        var where = one.Phase is null ? "" : $", phase “{one.Phase}”";
        var last = Math.Max(1, one.Points.Max(static point => point.After));
        var across = ValueScale.Linear([last], static millis => Shown.Millis(millis));
        var curve = Enumerable.Range(0, CurvePoints + 1)
            .Select(index => (double)index / CurvePoints * last)
            .Select(after => (after, one.Prediction.At(after)));
        var title = $"share of reads that saw the last write, R = {one.R}, W = {one.W}{where}";
        var chart = new CurveChart(title, "time from the write's ack to the read's beginning").Draw(
            [.. one.Points.Select(static point => (point.After, point.Measured))],
            [.. curve],
            across,
            ValueScale.Between(0, 1, static share => Shown.Percent(share)));
        return new Element(
            "div",
            LevelStyle.Legend([($"measured, {Shown.Count(one.Reads)} reads", LevelStyle.Point), ("predicted (PBS)", "predicted")]),
            chart,
            Prose.Text(
                $"Measurement and prediction differ by {Points(one.MeanDifference)} on average, and by {Points(one.LargestDifference)} "
                + $"where they differ most. Chance alone would make {Points(one.Noise)}. By the prediction 99 % of reads see a write that "
                + $"was acked {Shown.Millis(one.Prediction.Visibility(0.99))} before."),
            new Element("details", new Element("summary", "In numbers"), Prose.Table(
                ["after the ack", "measured", "predicted", "reads"],
                one.Points.Select(static point => (IReadOnlyList<Node>)
                [
                    Shown.Millis(point.After),
                    Shown.Percent(point.Measured),
                    Shown.Percent(point.Predicted),
                    Shown.Count(point.Reads),
                ]))));
    }

    private static string Points(double share) => $"{Shown.Number(Math.Round(100 * share, 1))} points";

    private static Element Lesson(bool isPredicted) => Prose.Lesson(
        "“Eventually” is a time, and it can be measured. A read that asks few replicas may ask one that a write has not reached yet; "
        + "with R + W > N every read meets a replica that has it."
        + (isPredicted
            ? " The prediction knows nothing of the values: it takes the delays of the run's own calls, draws writes and reads from them, "
                + "and counts how often the read's replicas have the write (Bailis et al., “Probabilistically Bounded Staleness”, 2012)."
            : ""));
}
