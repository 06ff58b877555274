using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>A piece of evidence: a sentence, and its calls below each other, each from its invocation to its answer.</summary>
internal static class EvidencePicture
{
    private const int MostCalls = 14;

    public static Element Draw(ReportContent content, Evidence evidence)
    {
        var calls = evidence.Calls.Distinct()
            .Select(id => content.Measurement.Evidence.GetValueOrDefault(id))
            .OfType<CallRecord>()
            .OrderBy(static call => call.Start)
            .ToList();
        var figure = new Element("figure", new Element("figcaption", evidence.Text));

        // The sentence says all there is to say of one call. A picture is for how several lie to each other.
        if (calls.Count < 2) return figure.Class("single");
        return figure.Class("evidence").Add(Intervals(content, [.. calls.Take(MostCalls)]), calls.Count > MostCalls
            ? Prose.Text($"{calls.Count - MostCalls} more calls are in the history.")
            : Fragment.Empty);
    }

    /// <summary>Calls as intervals on one axis of time.</summary>
    public static Element Intervals(ReportContent content, IReadOnlyList<CallRecord> calls)
    {
        var from = calls.Min(static call => call.Start);
        var to = Math.Max(calls.Max(static call => call.End ?? call.Start), from + 1);
        var room = Math.Max(1, (to - from) / 30);
        var axis = new TimeAxis(Math.Max(content.Survey.Begin, from - room), to + room, 4) { Origin = from };
        var body = new Element("tbody");
        foreach (var call in calls)
        {
            body.Add(new Element(
                "tr",
                new Element(
                    "th",
                    new Element("span", CallText.Caller(call)).Class("who"),
                    new Element("bdi", CallText.Asked(call)),
                    new Element("span", CallText.Came(call)).Class("came")).With("scope", "row"),
                new Element("td", Interval(axis, call))));
        }

        var begin = new Element("span", $"counted from {Shown.Instant(from)}").Class("who");
        body.Add(new Element("tr", new Element("td", begin), new Element("td", axis.Draw())));
        return new Element("table", body).Class("lanes intervals");
    }

    private static Element Interval(TimeAxis axis, CallRecord call)
    {
        const int height = 34;
        var left = axis.Share(call.Start);
        var isOpen = call.Outcome == Outcome.Unknown;
        // What may yet take effect has no end.
        var right = isOpen ? 1 : axis.Share(call.End ?? axis.To);
        var style = call.Outcome switch
        {
            Outcome.Ok => call.IsRead ? "interval read" : "interval change",
            Outcome.Refused => "interval refused",
            _ => "interval unknown",
        };
        var svg = new Element("svg").Class("plot").With("width", "100%").With("height", height).With("role", "img")
            .With("aria-label", $"from {Shown.Instant(call.Start)} to {(call.End is { } end ? Shown.Instant(end) : "the end")}");
        svg.Add(axis.Grid(height));
        svg.Add(new Element("rect").WithShare("x", left).WithShare("width", Math.Max(0.004, right - left)).With("y", 10).With("height", 14)
            .With("rx", 3).Class(style));
        return svg;
    }
}
