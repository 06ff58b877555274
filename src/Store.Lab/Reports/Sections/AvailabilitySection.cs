using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>CAP in one picture: the share of calls that were answered, by side and level, through the faults.</summary>
internal static class AvailabilitySection
{
    private const int Height = 34;

    public static Node Draw(ReportContent content)
    {
        var (survey, measured) = (content.Survey, content.Measurement);
        if (survey.Calls == 0) return Fragment.Empty;
        var isBroken = measured.BrokenSeconds > 0;
        var section = Prose.Section("cap", isBroken ? "Who was answered while it was broken: CAP in one picture" : "Who was answered");
        section.Add(Prose.Text(isBroken ? Told(content) : "Nothing was broken in this run, so every side could reach every replica."));
        section.Add(Picture(content, isBroken), Key());
        if (isBroken)
        {
            section.Add(Prose.Lesson(
                "A network partition forces a choice on every call. A call that is content with one replica can go on on both sides of "
                    + "a cut. Then both sides answer, and may differ until the cut heals (the A of CAP). A call that wants a majority "
                    + "can succeed on one side at most. Then nobody reads what a lone minority wrote, and that minority is refused "
                    + "(the C). No store has both. Here each call chooses by its level."));
        }

        return section;
    }

    private static string Told(ReportContent content)
    {
        var measured = content.Measurement;
        var sides = content.Survey.Sides.Select(side =>
        {
            var levels = content.Survey.Levels
                .Select(level => (Level: level, Share: measured.AvailabilityWhileBroken(level, side)))
                .Where(static one => one.Share is not null)
                .Select(static one => $"{Shown.Percent(one.Share)} at {one.Level}")
                .ToList();
            return levels.Count == 0 ? null : $"{ReportContent.SideName(side)} had {Prose.List(levels)}";
        }).OfType<string>().ToList();
        return sides.Count == 0
            ? "Nobody called while it was broken."
            : $"Of the calls made during “{content.BrokenWords()}” these were answered: {string.Join("; ", sides)}.";
    }

    private static Element Picture(ReportContent content, bool isBroken)
    {
        string[] titles = ["level", "answered, over time", .. isBroken ? ["while broken", "otherwise"] : new[] { "answered" }];
        var head = new Element("tr", titles.Select(static title => (Node)new Element("th", title).With("scope", "col")));
        var table = new Element("table", new Element("thead", head)).Class(isBroken ? "lanes availability" : "lanes availability whole");
        foreach (var side in content.Survey.Sides) table.Add(Side(content, side, isBroken));
        var axis = new Element("tr", new Element("td"), new Element("td", content.Axis.Draw()), new Element("td"));
        if (isBroken) axis.Add(new Element("td"));
        return new Element("figure", table.Add(new Element("tbody", axis).With("aria-hidden", "true"))).Class("chart");
    }

    private static Element Side(ReportContent content, string side, bool isBroken)
    {
        var measured = content.Measurement;
        var body = new Element("tbody");
        if (content.Survey.Sides.Count > 1 || side.Length > 0)
        {
            var name = new Element("th", new Element("bdi", ReportContent.SideName(side)));
            body.Add(new Element("tr", name.With("colspan", isBroken ? 4 : 3).With("scope", "rowgroup")).Class("group"));
        }

        foreach (var series in measured.Series.Where(series => series.Side == side))
        {
            var level = new Element("th", new Element("bdi", series.Level)).With("scope", "row");
            var row = new Element("tr", level, new Element("td", Strip(content, series)));
            var whole = measured.AvailabilityWhileWhole(series.Level, side);
            if (isBroken)
            {
                var broken = measured.AvailabilityWhileBroken(series.Level, side);
                row.Add(new Element("td", Shown.Percent(broken)).Class(broken < 0.5 ? "share low" : "share"));
            }

            body.Add(row.Add(new Element("td", Shown.Percent(whole)).Class("share")));
        }

        return body;
    }

    private static Element Strip(ReportContent content, BucketSeries series)
    {
        var shares = series.Shares();
        var answered = shares.Select(static share => share is { } part ? (0.0, part) : ((double, double)?)null).ToList();
        var missing = shares.Select(static share => share is { } part ? (part, 1.0) : ((double, double)?)null).ToList();
        return new Element("svg").Class("plot strip").With("width", "100%").With("height", Height).With("role", "img")
            .With("aria-label", $"share of calls answered at {series.Level}, {ReportContent.SideName(series.Side)}, over time")
            .Add(FaultBands.Behind(content.Axis, content.Survey.Faults, Height))
            .Add(LinePath.Stretched(3, Height - 6,
            [
                LinePath.Steps(missing, "missing"),
                LinePath.Steps(answered, $"area {LevelStyle.ClassOf(series.Level)}"),
            ]))
            .Add(FaultBands.Edges(content.Axis, content.Survey.Faults, Height));
    }

    private static Element Key() => new Element(
        "ul",
        Sample("area level-one", "answered"),
        Sample("missing", "refused, or nobody knows"),
        Sample("band breaks", "while something was broken")).Class("legend");

    private static Element Sample(string style, string text) => new(
        "li",
        new Element("svg", new Element("rect").With("width", 14).With("height", 12).Class(style))
            .With("width", 14).With("height", 12).With("aria-hidden", "true"),
        " ",
        text);
}
