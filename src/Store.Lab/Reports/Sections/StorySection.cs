using System.Globalization;
using System.Text;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Stories;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>The story of a key's merge: who wrote what where, what replicas held, what survived and why.</summary>
internal static class StorySection
{
    private const int LaneHeight = 26;
    private const int MostLanes = 8;
    private const int MostWrites = 40;

    public static Node Draw(ReportContent content)
    {
        var stories = content.Measurement.Stories;
        if (stories.Count == 0) return Fragment.Empty;
        var section = Prose.Section(
            "stories",
            "The story of a key",
            Prose.Text("Who wrote what where, what each replica held, and what survived the merge. A dot such as n1:7 is the 7th "
                + "change that node 1's replica made in the key's partition: it names one change for good."));
        foreach (var (story, index) in stories.Select(static (story, index) => (story, index)))
        {
            var details = new Element(
                "details",
                new Element("summary", Prose.Code(Shown.Short(story.Key, 60)), $" – a {story.Type.Replace('-', ' ')}, "
                    + $"{Prose.Plural(story.AllWrites, "change")}"),
                Story(content, story)).Class("story");
            section.Add(index == 0 ? details.With("open", "") : details);
        }

        return section;
    }

    private static Node Story(ReportContent content, KeyStory story)
    {
        var facts = new StoryFacts(story, content.Survey.Broken());
        var parts = new List<Node>();
        if (story.Writes.Count > 0) parts.Add(Lanes(content, story));
        parts.AddRange(MergeAccount.Tell(facts));
        parts.AddRange(new ReplicaStates(story.States).Draw(content));
        if (story.Writes.Count > 0) parts.Add(Changes(facts));
        return new Fragment(parts);
    }

    private static Element Lanes(ReportContent content, KeyStory story)
    {
        var table = new Element("table").Class("lanes changes");
        var body = new Element("tbody");
        foreach (var (side, calls) in StoryFacts.BySide(story.Writes).Take(MostLanes))
        {
            var svg = new Element("svg").Class("plot strip").With("width", "100%").With("height", LaneHeight).With("role", "img")
                .With("aria-label", $"when {side} changed {Shown.Short(story.Key, 60)}");
            svg.Add(FaultBands.Behind(content.Axis, content.Survey.Faults, LaneHeight));
            svg.Add(LinePath.Stretched(4, LaneHeight - 8,
            [
                Ticks(content.Axis, calls.Where(static call => call.Outcome == Outcome.Ok), 0, "tick-ok"),
                Ticks(content.Axis, calls.Where(static call => call.Outcome == Outcome.Refused), 60, "tick-refused"),
                Ticks(content.Axis, calls.Where(static call => call.Outcome == Outcome.Unknown), 60, "tick-unknown"),
            ]));
            body.Add(new Element("tr", new Element("th", new Element("bdi", side)).With("scope", "row"), new Element("td", svg)));
        }

        body.Add(new Element("tr", new Element("td"), new Element("td", content.Axis.Draw())).With("aria-hidden", "true"));
        return new Element(
            "figure",
            new Element("figcaption", "Each line is a change at the time its caller made it. What was not acked stands lower."),
            table.Add(body),
            LevelStyle.Legend([("acked", "tick-ok"), ("refused", "tick-refused"), ("nobody knows", "tick-unknown")])).Class("chart");
    }

    private static Element Ticks(TimeAxis axis, IEnumerable<CallRecord> calls, int top, string style)
    {
        // Calls nearer to each other than half a pixel of a wide screen are one line.
        var path = new StringBuilder();
        foreach (var at in calls.Select(call => Math.Round(axis.Share(call.Start) * 2000) / 2).Distinct())
            path.Append(CultureInfo.InvariantCulture, $"M{at} {top}v{(top == 0 ? 55 : 40)}");
        return new Element("path").With("d", path.ToString()).Class(style).With("vector-effect", "non-scaling-stroke");
    }

    private static Element Changes(StoryFacts facts)
    {
        var writes = facts.Story.Writes;
        var first = writes.Where(facts.IsWhileBroken).Take(MostWrites).ToList();
        if (first.Count == 0) first = [.. writes.Take(MostWrites)];
        return new Element(
            "details",
            new Element("summary", facts.WasBroken && writes.Any(facts.IsWhileBroken)
                ? $"Changes made while it was broken, the first {first.Count}"
                : $"Changes, the first {first.Count}"),
            Prose.Table(
                ["when", "who", "what", "came to"],
                first.Select(static call => (IReadOnlyList<Node>)
                [
                    Shown.Instant(call.Start),
                    CallText.Caller(call),
                    new Element("bdi", CallText.Asked(call)),
                    CallText.Came(call),
                ])));
    }
}
