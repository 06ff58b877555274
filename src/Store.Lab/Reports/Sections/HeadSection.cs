using System.Globalization;
using Gossipdb.Checking;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>What ran, what it is about, and how it came out, at a glance.</summary>
internal static class HeadSection
{
    public static Element Draw(ReportContent content)
    {
        var head = new Element("header", new Element("p", "Gossipdb laboratory").Class("kicker"), new Element("h1", content.Name));
        if (content.Results?.Title is { Length: > 0 } title) head.Add(new Element("p", title).Class("title"));
        head.Add(Badge(content), Facts(content));
        const StringSplitOptions split = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var paragraph in (content.Results?.Page ?? "").Split("\n\n", split)) head.Add(Prose.Text(paragraph));
        return head;
    }

    private static Element Badge(ReportContent content)
    {
        var badges = new Element("p").Class("badges");
        if (content.Results is { Expectations.Count: > 0 } results)
        {
            var wrong = results.Expectations.Count(static one => !one.IsMet);
            badges.Add(wrong == 0
                ? Pill($"✓ {Told(results.Expectations.Count, "expectation")} met", "good")
                : Pill($"✗ {wrong} of {Told(results.Expectations.Count, "expectation")} not met", "bad"));
        }

        var promised = content.Verdicts.Where(HistoryChecks.IsPromised).ToList();
        var failed = promised.Count(static one => one.Judgement == Judgement.Fails);
        var held = promised.Count(static one => one.Judgement == Judgement.Holds);
        if (failed > 0) badges.Add(Pill($"✗ {failed} of {Told(held + failed, "promise")} broken", "bad"));
        else if (held > 0) badges.Add(Pill($"✓ {Told(held, "promise")} kept", "good"));
        return badges;
    }

    private static string Told(int count, string what) => Prose.Plural(count, what);

    private static Element Pill(string text, string style) => new Element("span", text).Class($"pill {style}");

    private static Element Facts(ReportContent content)
    {
        var (survey, run, results) = (content.Survey, content.Survey.Run, content.Results);
        var facts = new Element("dl").Class("facts");
        void Fact(string name, string? value)
        {
            if (value is { Length: > 0 }) facts.Add(new Element("div", new Element("dt", name), new Element("dd", value)));
        }

        var zones = (run?.Nodes ?? []).Select(static node => node.Zone).Where(static zone => zone is not null).Distinct().Count();
        if (run is { Nodes.Count: > 0 })
        {
            Fact("cluster", $"{Prose.Plural(run.Nodes.Count, "node")}, {run.Replication} replicas of each key"
                + (zones > 1 ? $", {zones} zones" : ""));
        }

        Fact("calls", $"{Shown.Count(survey.Calls)} in {Shown.Seconds(Math.Round((survey.End - survey.Begin) / 1e6, 1))}");
        var began = (results?.Started ?? run?.Started)?.UtcDateTime;
        Fact("began", began?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        Fact("seed", (results?.Seed ?? run?.Seed)?.ToString(CultureInfo.InvariantCulture));
        Fact("version", results?.Version);
        return facts;
    }
}
