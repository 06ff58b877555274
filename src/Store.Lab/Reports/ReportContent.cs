using Gossipdb.Checking.Pbs;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Charts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Reports;

/// <summary>What a report is made of.</summary>
/// <param name="Survey">What the history says of the run.</param>
/// <param name="Measurement">What was measured.</param>
/// <param name="Results">What the run of a scenario came to; null where all there is is a history.</param>
/// <param name="Verdicts">What the checkers found.</param>
internal sealed record ReportContent(
    HistorySurvey Survey, RunMeasurement Measurement, RunResults? Results, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>How old what reads returned was, by level; empty where that was not measured.</summary>
    public IReadOnlyList<StalenessFigures> Staleness { get; init; } = [];

    /// <summary>How soon writes were seen, beside what latencies predict; empty where that was not measured.</summary>
    public IReadOnlyList<PbsComparison> Visibility { get; init; } = [];

    /// <summary>The run from left to right.</summary>
    public TimeAxis Axis => new(Measurement.Grid.From, Measurement.Grid.To);

    /// <summary>What the run is called.</summary>
    public string Name => Results?.Scenario ?? Survey.Run?.Name ?? "a recorded history";

    /// <summary>A side in words.</summary>
    public static string SideName(string? side) =>
        string.IsNullOrEmpty(side) ? "all callers" : side.All(char.IsAsciiDigit) ? $"side {side}" : side;

    /// <summary>The faults that broke something, in words.</summary>
    public string BrokenWords() => string.Join(
        ", ",
        Survey.Faults.Where(static fault => fault.Severity == FaultSeverity.Breaks).Select(static fault => fault.Fault).Distinct().Take(4));
}
