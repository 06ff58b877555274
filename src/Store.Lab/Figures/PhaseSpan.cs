using Gossipdb.Checking.History;

namespace Gossipdb.Lab.Figures;

/// <summary>A part of a run. Instants are microseconds since the run began.</summary>
/// <param name="Name">Its name, or the faults that are in force.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended.</param>
/// <param name="IsWhole">Whether nothing was broken in it.</param>
internal sealed record PhaseSpan(string Name, long From, long To, bool IsWhole)
{
    /// <summary>A fault that overlaps a phase by less than this does not make it a broken one: faults take a moment to be told.</summary>
    private const long Slack = 150_000;

    /// <summary>How many phases are told of one by one.</summary>
    private const int Most = 24;

    /// <summary>The phases as recorded; where none were, the parts between the beginnings and ends of faults.</summary>
    public static IReadOnlyList<PhaseSpan> Of(IReadOnlyList<PhaseRecord> records, IReadOnlyList<FaultSpan> faults, long begin, long end)
    {
        var starts = records.Count > 0
            ? records.OrderBy(static phase => phase.At).Select(static phase => (phase.At, Name: (string?)phase.Name)).ToList()
            : Edges(faults, begin);
        var phases = new List<PhaseSpan>();
        for (var index = 0; index < starts.Count && phases.Count < Most; index++)
        {
            var (from, name) = starts[index];
            var to = index + 1 < starts.Count ? starts[index + 1].At : end;
            if (to <= from) continue;
            var inForce = faults.Where(fault => Math.Min(fault.To, to) - Math.Max(fault.From, from) > Slack).ToList();
            name ??= inForce.Count > 0 ? string.Join("; ", inForce.Select(static fault => fault.Fault))
                : phases.Count == 0 ? "before any fault" : "all mended";
            phases.Add(new PhaseSpan(name, from, to, inForce.All(static fault => fault.Severity < FaultSeverity.Breaks)));
        }

        return phases;
    }

    private static List<(long At, string? Name)> Edges(IReadOnlyList<FaultSpan> faults, long begin)
    {
        var spans = faults.Where(static fault => !fault.IsMoment);
        var all = spans.SelectMany(static fault => new[] { fault.From, fault.To }).Prepend(begin).Distinct().Order();
        var edges = new List<(long At, string? Name)>();
        foreach (var at in all)
            if (edges.Count == 0 || at - edges[^1].At > Slack) edges.Add((at, null));
        return edges;
    }
}
