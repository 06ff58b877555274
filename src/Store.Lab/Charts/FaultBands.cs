using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Charts;

/// <summary>When faults were in force: as bands behind a chart, and as a picture of its own with their words.</summary>
internal static class FaultBands
{
    private const int LaneHeight = 22;
    private const int MostLanes = 14;

    /// <summary>Bands for the back of a chart.</summary>
    public static IEnumerable<Element> Behind(TimeAxis axis, IEnumerable<FaultSpan> faults, int height) => faults
        .Where(static fault => !fault.IsMoment)
        .Select(fault => new Element("rect")
            .WithShare("x", axis.Share(fault.From))
            .WithShare("width", axis.Share(fault.To) - axis.Share(fault.From))
            .With("y", 0)
            .With("height", height)
            .Class(ClassOf(fault)));

    /// <summary>Lines where faults began and ended, to be drawn over what would hide the bands.</summary>
    public static IEnumerable<Element> Edges(TimeAxis axis, IEnumerable<FaultSpan> faults, int height) => faults
        .Where(static fault => !fault.IsMoment && fault.Severity == FaultSeverity.Breaks)
        .SelectMany(static fault => new[] { fault.From, fault.To })
        .Distinct()
        .Take(64)
        .Select(at => new Element("line").WithShare("x1", axis.Share(at)).WithShare("x2", axis.Share(at))
            .With("y1", 0).With("y2", height).Class("edge"));

    /// <summary>A lane for each fault with its words, below one with the phases' names.</summary>
    public static Element Timeline(TimeAxis axis, IReadOnlyList<FaultSpan> faults, IReadOnlyList<PhaseSpan> phases)
    {
        var lanes = faults.Take(MostLanes).ToList();
        var top = phases.Count > 0 ? LaneHeight + 4 : 0;
        var svg = new Element("svg").With("width", "100%").With("height", top + (lanes.Count * LaneHeight) + 2)
            .With("role", "img").With("aria-label", "When the faults were in force; the table below has the same in numbers").Class("plot");
        svg.Add(axis.Grid(top + (lanes.Count * LaneHeight)));
        foreach (var (phase, index) in phases.Select(static (phase, index) => (phase, index)))
        {
            // A nested picture cuts off what is longer than the phase.
            svg.Add(new Element(
                    "svg",
                    new Element("rect").With("width", "100%").With("height", LaneHeight).Class(index % 2 == 0 ? "phase" : "phase odd"),
                    new Element("text", phase.Name).With("x", 5).With("y", 15).Class("phase-name"))
                .WithShare("x", axis.Share(phase.From))
                .WithShare("width", axis.Share(phase.To) - axis.Share(phase.From))
                .With("height", LaneHeight));
        }

        foreach (var (fault, lane) in lanes.Select(static (fault, lane) => (fault, lane)))
        {
            var (from, to) = (axis.Share(fault.From), axis.Share(fault.To));
            var y = top + (lane * LaneHeight);
            svg.Add(fault.IsMoment
                ? new Element("circle").WithShare("cx", from).With("cy", y + 11).With("r", 4).Class("moment")
                : new Element("rect").WithShare("x", from).WithShare("width", Math.Max(0.002, to - from))
                    .With("y", y + 2).With("height", LaneHeight - 4).With("rx", 2).Class(ClassOf(fault) + " lane"));
            var text = new Element("text", fault.Fault).With("y", y + 15).Class("band-name");
            var isLate = from > 0.55;
            svg.Add(new Element("svg", text.With("x", isLate ? "100%" : "0").With("dx", isLate ? -6 : fault.IsMoment ? 9 : 6)
                    .With("text-anchor", isLate ? "end" : "start"))
                .WithShare("x", isLate ? 0 : from).WithShare("width", isLate ? Math.Max(from, fault.IsMoment ? from : to) : 1 - from)
                .With("height", top + (lanes.Count * LaneHeight)));
        }

        return svg;
    }

    /// <summary>How many faults have no lane because there are too many.</summary>
    public static int Hidden(IReadOnlyCollection<FaultSpan> faults) => Math.Max(0, faults.Count - MostLanes);

    private static string ClassOf(FaultSpan fault) => fault.Severity == FaultSeverity.Breaks ? "band breaks" : "band degrades";
}
