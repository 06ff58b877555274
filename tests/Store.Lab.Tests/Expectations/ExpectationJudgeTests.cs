using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Expectations;

namespace Gossipdb.Lab.Tests.Expectations;

public sealed class ExpectationJudgeTests
{
    private const long Second = 1_000_000;

    private static readonly ExpectationNames Names = new() { Phases = ["calm", "cut"], Sides = ["1", "2"], Groups = ["small", "large"] };

    // Calm until 4 s; a cut is ordered at 4 s, is in force at 4.5 s, and mended at 10 s; all is equal at 11 s.
    private static readonly HistoryRecord[] History =
    [
        new PhaseRecord { At = 0, Name = "calm" },
        Call(1, "small-1", "1", "one", 1 * Second, 2_000),
        Call(2, "small-2", "1", "quorum", 1 * Second, 4_000),
        new PhaseRecord { At = 4 * Second, Name = "cut" },
        new FaultRecord { At = 4 * Second, InForce = 4 * Second + Second / 2, Fault = "cut 1 / 2,3" },
        Call(3, "small-1", "1", "quorum", 4 * Second + 100, 3_000),
        Call(4, "small-1", "1", "one", 5 * Second, 2_000),
        Call(5, "small-2", "1", "quorum", 5 * Second, 900_000, "Indeterminate"),
        Call(6, "large-1", "2", "quorum", 6 * Second, 5_000),
        Call(7, "small-2", "1", "quorum", 10 * Second - 100, 6_000),
        Call(8, "large-2", "2", "quorum", 7 * Second, 1_000, "InsufficientRights"),
        new PhaseRecord { At = 10 * Second, Name = "healed" },
        new FaultRecord { At = 10 * Second, InForce = 10 * Second, Fault = "heal" },
        new SampleRecord { At = 5 * Second, Node = 1, Figures = new Dictionary<string, double> { ["up"] = 1, ["heldBytes"] = 70 } },
        new SampleRecord { At = 6 * Second, Node = 1, Figures = new Dictionary<string, double> { ["up"] = 0 } },
        new ConvergedRecord { At = 11 * Second, Since = 10 * Second },
    ];

    private static readonly Verdict[] Verdicts =
    [
        new()
        {
            Check = "lost-writes",
            Judgement = Judgement.Fails,
            Summary = "2 of 7 are gone.",
            Evidence = [new Evidence("call 4 is gone", [4])],
            Figures = new Dictionary<string, double> { ["lost"] = 2 },
        },
        new() { Check = "linearizable: quorum", Judgement = Judgement.Fails, Summary = "No." },
        new() { Check = "linearizable: one", Judgement = Judgement.Unknown, Summary = "Given up." },
    ];

    [Theory]
    [InlineData("calls = 8", true)]
    [InlineData("calls(one) = 2", true)]
    [InlineData("calls(group small) = 6", true)]
    [InlineData("calls(side 2, quorum) = 2", true)]
    [InlineData("calls(error Indeterminate) = 1", true)]
    [InlineData("unknown = 1", true)]
    [InlineData("refused = 1", true)]
    [InlineData("availability(one) = 100 %", true)]
    [InlineData("availability(quorum, in calm) = 100 %", true)]
    [InlineData("availability(quorum, side 1, in cut) = 0 %", true)]
    [InlineData("availability(quorum, side 2, in cut) = 100 %", true)]
    [InlineData("p50(one) = 2ms", true)]
    [InlineData("slowest(quorum) < 7ms", true)]
    [InlineData("p50(quorum, in calm) = 2 * p50(one, in calm)", true)]
    [InlineData("converged within 1s of heal", true)]
    [InlineData("converged within 900ms of heal", false)]
    [InlineData("converged = 1 s", true)]
    [InlineData("held = 70", true)]
    [InlineData("down(node 1) = 50 %", true)]
    [InlineData("lost = 2", true)]
    [InlineData("lost = 0", false)]
    [InlineData("holds(lost-writes) = no", true)]
    [InlineData("linearizable(quorum) = no", true)]
    [InlineData("linearizable(quorum) = yes", false)]
    [InlineData("linearizable(one) = yes", false)]
    [InlineData("linearizable(one) = no", false)]
    [InlineData("resurrected = 0", false)]
    [InlineData("p50(all) < 1s", false)]
    public void What_was_expected_is_compared_with_what_was_measured(string text, bool isMet) => Assert.Equal(isMet, Judge(text).IsMet);

    [Fact]
    public void A_phase_begins_once_its_fault_is_in_force_and_its_calls_end_in_it() =>
        Assert.Equal("calls(quorum, side 1, in cut) is 1", Judge("calls(quorum, side 1, in cut) = 1").Measured);

    [Theory]
    [InlineData("availability(quorum, side 1, in cut) = 100 %", 5)]
    [InlineData("availability(one, side 1, in cut) = 0 %", 4)]
    [InlineData("unknown = 0", 5)]
    [InlineData("slowest(quorum) < 5ms", 7)]
    [InlineData("lost = 0", 4)]
    public void What_did_not_come_true_is_shown_by_calls(string text, long call)
    {
        var result = Judge(text);

        Assert.False(result.IsMet);
        Assert.Equal(call, result.Evidence[0].Calls[0]);
    }

    [Fact]
    public void Evidence_says_who_called_what_when_and_what_came_of_it() => Assert.Equal(
        "call 5 at 5.000 s: small-2 (quorum, side 1) increment 1 counter-1: Indeterminate after 900ms",
        Judge("unknown = 0").Evidence[0].Text);

    [Fact]
    public void Where_there_was_nothing_to_measure_that_is_said_and_nothing_came_true() =>
        Assert.StartsWith("nothing to measure", Judge("availability(all) = 100 %").Measured, StringComparison.Ordinal);

    private static Lab.Results.ExpectationResult Judge(string text) => new ExpectationJudge(new RunMeasurements(History, Verdicts))
        .Judge(new Expectation(text, ExpectationParser.Parse(text, during: null, Names), 1));

    private static CallRecord Call(long id, string caller, string side, string level, long start, long took, string? error = null) => new()
    {
        Id = id,
        Caller = caller,
        Side = side,
        Start = start,
        End = start + took,
        Type = "counter",
        Key = "counter-1",
        Op = "increment",
        Argument = System.Text.Json.JsonSerializer.SerializeToElement(1),
        Level = level,
        Outcome = error switch
        {
            null => Outcome.Ok,
            "Indeterminate" => Outcome.Unknown,
            _ => Outcome.Refused,
        },
        Error = error,
    };
}
