using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>PACELC in one picture: latency against level in the phases in which nothing was broken.</summary>
internal static class LatencySection
{
    private const int MostPhases = 4;
    private const int RowHeight = 16;

    public static Node Draw(ReportContent content)
    {
        var survey = content.Survey;
        var all = survey.Phases.Select(static (phase, index) => (phase, index))
            .Where(static one => one.phase.IsWhole)
            .Select(one => new PhaseColumn(one.phase, content.Measurement.PhaseTallies(one.index)))
            .Where(static one => one.Tallies.Values.Any(static tally => tally.Answered > 0))
            .ToList();
        // With and without a delay is the comparison. Where there is none, one phase tells all: the one with the most calls.
        var calm = all.Where(phase => !IsDelayed(content, phase.Phase)).ToList();
        var slow = all.Except(calm).ToList();
        var most = all.MaxBy(static phase => phase.Tallies.Values.Sum(static tally => tally.Answered));
        List<PhaseColumn> whole = slow.Count > 0 && calm.Count > 0 ? [calm[0], .. slow.Take(MostPhases - 1)] : most is null ? [] : [most];
        var rows = whole.SelectMany(static phase => phase.Tallies)
            .Where(static pair => pair.Value.Answered > 0)
            .Select(static pair => pair.Key)
            .Distinct()
            .OrderBy(static row => row.IsRead)
            .ThenBy(static row => CallGroup.Rank(row.Level))
            .ToList();
        if (rows.Count == 0) return Fragment.Empty;
        var delayed = slow.Count > 0 && calm.Count > 0;
        var section = Prose.Section(
            "pacelc", $"What an answer cost while nothing was broken{(delayed ? ": PACELC in one picture" : "")}");
        section.Add(Prose.Text(Told(content, whole, delayed)));
        if (whole.Count > 1)
            section.Add(LevelStyle.Legend(whole.Select(static (phase, index) => (phase.Phase.Name, $"phase-{index + 1}"))));
        section.Add(Picture(whole, rows));
        return section.Add(Prose.Lesson(
            "PACELC goes on where CAP ends: if there is a Partition, choose Availability or Consistency; Else choose Latency or "
                + "Consistency. A stronger level waits for more replicas, and the slowest of those it needs sets its time. "
            + (delayed
                ? "Where replicas are far apart that wait is the network's round trip. A level that is content with a near replica "
                + "does not pay it."
                : "Here all replicas are on one machine, so a round trip costs little. The distances of real networks make the rows "
                + "drift apart.")));
    }

    private static string Told(ReportContent content, List<PhaseColumn> phases, bool delayed)
    {
        const string key = "The dot is the median: half of the answers came sooner. The line ends where 99 of 100 answers had come.";
        if (!delayed) return phases.Count == 1 ? $"Calls of the phase “{phases[0].Phase.Name}”. {key}" : key;
        var near = phases.First(phase => !IsDelayed(content, phase.Phase));
        var far = phases.First(phase => IsDelayed(content, phase.Phase));
        var changes = near.Tallies.Where(static pair => !pair.Key.IsRead && pair.Value.Answered > 0)
            .OrderBy(static pair => CallGroup.Rank(pair.Key.Level))
            .Select(pair => (pair.Key.Level, Near: pair.Value.Latencies.Percentile(0.5),
                Far: far.Tallies.GetValueOrDefault(pair.Key)?.Latencies.Percentile(0.5)))
            .Where(static one => one.Far is not null)
            .Select(static one => $"from {Shown.Millis(one.Near)} to {Shown.Millis(one.Far)} at {one.Level}")
            .ToList();
        return changes.Count == 0
            ? key
            : $"Between “{near.Phase.Name}” and “{far.Phase.Name}” the median of a change went {Prose.List(changes)}. {key}";
    }

    private static bool IsDelayed(ReportContent content, PhaseSpan phase) => content.Survey.Faults.Any(fault =>
        fault.Severity == FaultSeverity.Degrades && fault.From < phase.To - 150_000 && fault.To > phase.From + 150_000);

    private static Element Picture(IReadOnlyList<PhaseColumn> phases, IReadOnlyList<(string Level, bool IsRead)> rows)
    {
        var values = phases.SelectMany(static phase => phase.Tallies.Values)
            .SelectMany(static tally => new[] { tally.Latencies.Percentile(0.5), tally.Latencies.Percentile(0.99) })
            .OfType<double>();
        var scale = ValueScale.Logarithmic(values, static millis => Shown.Millis(millis));
        var head = new Element(
            "tr",
            new Element("th", "level").With("scope", "col"),
            new Element("th", "latency, each mark ten times the one before").With("scope", "col"),
            new Element("th", "median").With("scope", "col"));
        var table = new Element("table", new Element("thead", head)).Class("lanes latency");
        foreach (var kind in rows.GroupBy(static row => row.IsRead))
        {
            var body = new Element("tbody", new Element(
                "tr", new Element("th", kind.Key ? "reads" : "changes").With("colspan", 3).With("scope", "rowgroup")).Class("group"));
            foreach (var row in kind)
            {
                var medians = new Element("td").Class("share");
                foreach (var (phase, index) in phases.Select(static (phase, index) => (phase, index)))
                {
                    var median = phase.Tallies.GetValueOrDefault(row)?.Latencies.Percentile(0.5);
                    medians.Add(new Element("span", Shown.Millis(median)).Class($"value phase-{index + 1}"));
                }

                body.Add(new Element("tr", new Element("th", new Element("bdi", row.Level)).With("scope", "row"),
                    new Element("td", Strip(phases, row, scale)), medians));
            }

            table.Add(body);
        }

        table.Add(new Element("tbody", new Element("tr", new Element("td"), new Element("td", scale.DrawAcross()), new Element("td")))
            .With("aria-hidden", "true"));
        return new Element("figure", table).Class("chart");
    }

    private static Element Strip(IReadOnlyList<PhaseColumn> phases, (string Level, bool IsRead) row, ValueScale scale)
    {
        var height = (phases.Count * RowHeight) + 8;
        var svg = new Element("svg").Class("plot").With("width", "100%").With("height", height).With("role", "img")
            .With("aria-label", $"latency of {(row.IsRead ? "reads" : "changes")} at {row.Level}");
        foreach (var (value, _) in scale.Ticks())
        {
            var x = scale.Share(value);
            svg.Add(new Element("line").WithShare("x1", x).WithShare("x2", x).With("y1", 0).With("y2", height).Class("grid"));
        }

        foreach (var (phase, index) in phases.Select(static (phase, index) => (phase, index)))
        {
            if (phase.Tallies.GetValueOrDefault(row)?.Latencies is not { Count: > 0 } latencies) continue;
            var (half, most) = (scale.Share(latencies.Percentile(0.5)!.Value), scale.Share(latencies.Percentile(0.99)!.Value));
            var y = 4 + (index * RowHeight) + (RowHeight / 2);
            var style = $"phase-{index + 1}";
            svg.Add(
                new Element("line").WithShare("x1", half).WithShare("x2", most).With("y1", y).With("y2", y).Class($"range {style}"),
                new Element("line").WithShare("x1", most).WithShare("x2", most).With("y1", y - 4).With("y2", y + 4).Class($"range {style}"),
                new Element("circle").WithShare("cx", half).With("cy", y).With("r", 5).Class($"dot {style}"));
        }

        return svg;
    }

    private sealed record PhaseColumn(PhaseSpan Phase, IReadOnlyDictionary<(string Level, bool IsRead), CallTally> Tallies);
}
