using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>What happened when: phases and faults.</summary>
internal static class TimelineSection
{
    public static Node Draw(ReportContent content)
    {
        var survey = content.Survey;
        if (survey.Faults.Count == 0 && survey.Phases.Count <= 1) return Fragment.Empty;
        var section = Prose.Section(
            "timeline",
            "What happened when",
            new Element("figure", FaultBands.Timeline(content.Axis, survey.Faults, survey.Phases), content.Axis.Draw()).Class("chart"));
        var hidden = FaultBands.Hidden([.. survey.Faults]);
        if (hidden > 0) section.Add(Prose.Text($"{Prose.Plural(hidden, "further fault")}: see the table."));
        if (survey.Failed.Count > 0)
        {
            section.Add(Prose.Text(
                "These could not be brought about: ",
                new Fragment(survey.Failed.Take(5).Select(static fault => (Node)Prose.Code(fault.Fault + " ")))));
        }

        return survey.Faults.Count == 0 ? section : section.Add(new Element(
            "details", new Element("summary", "In numbers"), Prose.Table(
                ["fault", "begun", "in force everywhere", "mended"],
                survey.Faults.Take(200).Select(static fault => (IReadOnlyList<Node>)
                [
                    Prose.Code(fault.Fault),
                    Shown.Instant(fault.From),
                    Shown.Instant(fault.InForce),
                    fault.IsMoment ? "a moment" : Shown.Instant(fault.To),
                ]))));
    }
}
