using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>All figures by level, side and kind, and why calls failed.</summary>
internal static class NumbersSection
{
    private const int MostErrors = 40;

    public static Node Draw(ReportContent content)
    {
        var figures = content.Measurement.Figures;
        if (figures.Levels.Count == 0) return Fragment.Empty;
        var section = Prose.Section("numbers", "In numbers", Part("The whole run", figures.Levels, isOpen: true));
        if (figures.Broken is { } broken) section.Add(Part($"While something was broken: {broken.Name}", broken.Levels));
        foreach (var phase in figures.Phases.Where(static phase => phase.Levels.Count > 0))
            section.Add(Part($"Phase “{phase.Name}”, {Shown.Seconds(phase.FromSeconds)} to "
                + $"{Shown.Seconds(phase.ToSeconds)}", phase.Levels));
        if (content.Measurement.Errors.Count == 0) return section;
        return section.Add(new Element(
            "details",
            new Element("summary", "Why calls failed"),
            Prose.Table(
                ["error", "side", "level", "kind", "calls"],
                content.Measurement.Errors.Take(MostErrors).Select(static error => (IReadOnlyList<Node>)
                [
                    Prose.Code(error.Error),
                    ReportContent.SideName(error.Group.Side),
                    error.Group.Level,
                    error.Group.IsRead ? "reads" : "changes",
                    Shown.Count(error.Calls),
                ]))).With("open", ""));
    }

    private static Element Part(string title, IReadOnlyList<LevelFigures> levels, bool isOpen = false)
    {
        var part = new Element("details", new Element("summary", title), Prose.Table(
            ["level", "side", "kind", "answered", "refused", "unknown", "a second", "availability", "median", "99 %"],
            levels.Select(static row => (IReadOnlyList<Node>)
            [
                new Element("bdi", row.Level),
                new Element("bdi", ReportContent.SideName(row.Side)),
                row.IsRead ? "reads" : "changes",
                Shown.Count(row.Answered),
                Shown.Count(row.Refused),
                Shown.Count(row.Unknown),
                Shown.Number(row.PerSecond),
                Shown.Percent(row.Availability),
                Shown.Millis(row.P50Ms),
                Shown.Millis(row.P99Ms),
            ])));
        return isOpen ? part.With("open", "") : part;
    }
}
