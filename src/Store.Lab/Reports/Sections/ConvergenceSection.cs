using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>How the replicas came together again: when they were equal, how far each was behind, what it took.</summary>
internal static class ConvergenceSection
{
    private const string Missing = "missingChanges";
    private const string Repair = "repairBytesSent";

    public static Node Draw(ReportContent content)
    {
        var (survey, measured) = (content.Survey, content.Measurement);
        var nodes = measured.Samples.NodesOf(Missing);
        if (survey.Converged is null && nodes.Count == 0 && survey.LastMended is null) return Fragment.Empty;
        var section = Prose.Section("convergence", "Coming together again", Prose.Text(Told(content)));
        if (nodes.Count > 0)
        {
            Line[] lines =
            [
                .. nodes.Select((node, index) => new Line($"node {node}", $"node-{(index % 8) + 1}", measured.Samples.Of(Missing, node))),
            ];
            var scale = ValueScale.Linear(lines.SelectMany(static line => line.Values).OfType<double>(), Shown.Number);
            section.Add(
                LevelStyle.Legend(lines.Select(static line => (line.Name, line.Style))),
                new LineChart("changes that a node lacks and others have", measured.Grid, survey.Faults).Draw(lines, scale, Shown.Count));
        }

        if (measured.Samples.NodesOf(Repair).Count > 0)
        {
            Line[] lines = [new("bytes of repair, all nodes", "node-1", measured.Samples.Sum(Repair))];
            var scale = ValueScale.Linear(lines[0].Values.OfType<double>(), Shown.Bytes);
            var chart = new LineChart("bytes of repair sent since the run began", measured.Grid, survey.Faults);
            section.Add(chart.Draw(lines, scale, Shown.Bytes));
        }

        return section.Add(Prose.Lesson(
            "While a cut lasts each side takes changes the other does not see. When it heals, replicas tell each other which changes "
                + "they have, and send what is missing. Changes merge by the rules of their types, in any order and any number of "
                + "times, so all replicas end with the same. That is eventual consistency: not a promise about when a single read sees "
                + "a change, but that all come to agree."));
    }

    private static string Told(ReportContent content)
    {
        var figures = content.Measurement.Figures;
        var bytes = figures.RepairBytes is { } repair ? $" From the first fault on the nodes sent {Shown.Bytes(repair)} of repair." : "";
        if (content.Survey.Converged is not { } converged)
            return "The history does not say when all replicas held the same again." + bytes;
        var after = figures.ConvergedSeconds ?? 0;
        return (content.Survey.LastMended is null
            ? $"All replicas held the same at {Shown.Instant(converged.At)}."
            : $"All replicas held the same {Shown.Seconds(Math.Round(after, 2))} after the last fault was mended, at "
                + $"{Shown.Instant(converged.At)}.") + bytes;
    }
}
