using Gossipdb.Checking.History;
using Gossipdb.Lab.Figures;
using static Gossipdb.Lab.Tests.Figures.Histories;

namespace Gossipdb.Lab.Tests.Figures;

public sealed class RunMeasurementTests
{
    [Fact]
    public void Calls_are_counted_by_level_side_and_kind()
    {
        var figures = Measure(
            Call(0, 2, level: "one", side: "1"),
            Call(10, 14, level: "one", side: "1"),
            Call(20, 30, level: "one", side: "1", outcome: Outcome.Refused, error: "Unavailable"),
            Call(30, 31, level: "one", side: "1", op: "read", result: 2),
            Call(40, 45, level: "quorum", side: "2", outcome: Outcome.Unknown, error: "Indeterminate"),
            Call(50, 1000, level: "quorum", side: "2")).Figures;
        Assert.Equal(["one change 1", "one read 1", "quorum change 2"], figures.Levels.Select(Name));
        var changes = figures.Levels[0];
        Assert.Equal((2, 1, 0), (changes.Answered, changes.Refused, changes.Unknown));
        Assert.Equal(0.66667, changes.Availability);
        Assert.Equal(2, changes.P50Ms);
        Assert.Equal(4, changes.P99Ms);
        Assert.Equal(2, changes.PerSecond);
        Assert.Equal((1, 0, 1), (figures.Levels[2].Answered, figures.Levels[2].Refused, figures.Levels[2].Unknown));
        Assert.Equal(6, figures.Calls);
    }

    [Fact]
    public void What_the_data_refuses_was_answered()
    {
        var figures = Measure(
            Call(0, 1, op: "decrement", type: "bounded-counter", outcome: Outcome.Refused, error: "InsufficientRights"),
            Call(1, 2, op: "decrement", type: "bounded-counter", outcome: Outcome.Refused, error: "Overloaded")).Figures;
        Assert.Equal(0.5, figures.Levels[0].Availability);
    }

    [Fact]
    public void Availability_while_broken_counts_calls_that_began_while_the_fault_was_in_force()
    {
        var measured = Measure(
            Fault(100, "cut 1 / 2,3", inForce: 120),
            Fault(200, "heal"),
            Call(110, 115, side: "1", outcome: Outcome.Refused),
            Call(130, 131, side: "1"),
            Call(140, 141, side: "1", outcome: Outcome.Refused, error: "Unavailable"),
            Call(199, 260, side: "1", outcome: Outcome.Unknown),
            Call(200, 201, side: "1"),
            Call(300, 301, side: "1"));
        Assert.Equal(1 / 3.0, measured.AvailabilityWhileBroken("one", "1"));
        Assert.Equal(2 / 3.0, measured.AvailabilityWhileWhole("one", "1"));
        Assert.Equal(0.08, measured.BrokenSeconds, 3);
        Assert.Null(measured.AvailabilityWhileBroken("all", "1"));
    }

    [Fact]
    public void Faults_that_overlap_are_one_time_of_trouble()
    {
        var measured = Measure(
            Fault(100, "kill 1"), Fault(150, "kill 2"), Fault(200, "start 1"), Fault(250, "start 2"), Fault(400, "pause 3"), Call(0, 500));
        Assert.Equal(0.25, measured.BrokenSeconds, 3);
    }

    [Fact]
    public void A_slow_link_breaks_nothing() => Assert.Null(Measure(Fault(100, "link 1 / 2 --delay 80ms"), Call(0, 500)).Figures.Broken);

    [Fact]
    public void Phases_have_their_own_figures_and_a_phase_with_a_cut_is_not_whole()
    {
        var figures = Measure(
            Phase(0, "calm"),
            Phase(1000, "cut"),
            Fault(1000, "cut 1 / 2,3"),
            Fault(2000, "heal"),
            Phase(2000, "healed"),
            Call(10, 11),
            Call(1500, 1510),
            Call(1600, 1610),
            Call(2500, 3000)).Figures;
        Assert.Equal([("calm", true, 1L), ("cut", false, 2L), ("healed", true, 1L)],
            figures.Phases.Select(static phase => (phase.Name, phase.IsWhole, phase.Levels.Sum(static row => row.Answered))));
    }

    [Fact]
    public void Without_phases_the_parts_between_faults_are_phases()
    {
        var figures = Measure(Fault(1000, "cut 1 / 2,3"), Fault(2000, "heal"), Call(10, 11), Call(2500, 3000)).Figures;
        Assert.Equal(["before any fault", "cut 1 / 2,3", "all mended"], figures.Phases.Select(static phase => phase.Name));
    }

    [Fact]
    public void A_call_that_waits_in_vain_keeps_its_side_unavailable_for_as_long()
    {
        var measured = Measure(Call(0, 1), Call(1000, 2990, outcome: Outcome.Unknown), Call(4000, 5000));
        var series = Assert.Single(measured.Series);
        var shares = Enumerable.Range(0, measured.Grid.Count).Select(series.ShareOf).ToList();
        var second = (int)(1_000_000 / measured.Grid.Width);
        Assert.Equal(1, shares[0]);
        Assert.Null(shares[1]);
        Assert.All(shares.Skip(second).Take(second), static share => Assert.Equal(0, share));
        Assert.Null(shares[3 * second]);
    }

    [Fact]
    public void Repair_counts_what_was_sent_since_the_first_fault_through_restarts()
    {
        var measured = Measure(
            Call(0, 10_000),
            Fault(3000, "kill 1"),
            Fault(4000, "heal"),
            Sample(1000, 1, 500),
            Sample(2900, 1, 700),
            Sample(5000, 1, 100),
            Sample(6000, 1, 400));
        Assert.Equal(400, measured.Figures.RepairBytes);
    }

    [Fact]
    public void A_few_calls_without_a_side_are_no_side()
    {
        var calls = Enumerable.Range(0, 200).Select(static at => (HistoryRecord)Call(at, at + 1, side: "1")).Append(Call(0, 1)).ToArray();
        Assert.Equal(["1"], HistorySurvey.Of(calls, new HashSet<long>()).Sides);
        Assert.Equal(["", "1"], HistorySurvey.Of([.. calls.Take(2), calls[^1]], new HashSet<long>()).Sides);
    }

    [Fact]
    public void A_history_whose_instants_begin_elsewhere_is_drawn_from_where_it_begins()
    {
        const long far = 1_000_000_000;
        var measured = Measure(Call(far, far + 1), Call(far + 10_000, far + 10_001));
        Assert.Equal(far * 1000, measured.Grid.From);
        Assert.InRange(measured.Grid.Count, 20, 120);
    }

    [Fact]
    public void Calls_in_sessions_are_told_apart_where_others_of_their_level_have_none()
    {
        var (with, without) = (Call(0, 1) with { Session = "s" }, Call(5, 6));
        Assert.Equal(["one", "one in a session"], Measure(with, without).Figures.Levels.Select(static row => row.Level));
        Assert.Equal(["one"], Measure(with).Figures.Levels.Select(static row => row.Level));
    }

    [Fact]
    public void An_empty_history_has_figures_of_nothing()
    {
        var figures = Measure().Figures;
        Assert.Equal(0, figures.Calls);
        Assert.Empty(figures.Levels);
    }

    private static RunMeasurement Measure(params HistoryRecord[] records)
    {
        var evidence = new HashSet<long>();
        return RunMeasurement.Of(records, HistorySurvey.Of(records, evidence), evidence, []);
    }

    private static SampleRecord Sample(long at, int node, double repair) =>
        new() { At = at * 1000, Node = node, Figures = new Dictionary<string, double> { ["repairBytesSent"] = repair } };

    private static string Name(LevelFigures row) => $"{row.Level} {(row.IsRead ? "read" : "change")} {row.Side}";
}
