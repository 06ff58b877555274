using System.Text.Json;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Comparing;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Tests.Comparing;

public sealed class RunComparisonTests
{
    [Fact]
    public void Figures_stand_beside_each_other_by_level_side_and_kind()
    {
        var comparison = RunComparison.Of(
            Run([Row("one", p50: 1), Row("quorum", p50: 2)]), Run([Row("quorum", p50: 84), Row("all", p50: 160)]));
        var medians = comparison.Figures.Where(static one => one.Group == "latency, median").ToList();
        Assert.Equal(
            [
                ("changes at one, side 1", 1.0, (double?)null),
                ("changes at quorum, side 1", 2.0, 84.0),
                ("changes at all, side 1", null, 160.0),
            ],
            medians.Select(static one => (one.Name, one.A, one.B)));
        Assert.Equal("× 42", ComparisonPage.Change(medians[1]));
        Assert.Equal(["", "× 42", ""], medians.Select(ComparisonPage.Change));
    }

    [Theory]
    [InlineData(100, 109, FigureUnit.PerSecond, "about the same")]
    [InlineData(100, 150, FigureUnit.PerSecond, "× 1.5")]
    [InlineData(1, 0.985, FigureUnit.Share, "−1.5 points")]
    [InlineData(0, 1, FigureUnit.Share, "+100 points")]
    [InlineData(0, 3, FigureUnit.Count, "from nothing")]
    public void A_change_is_told_in_words(double a, double b, FigureUnit unit, string told) =>
        Assert.Equal(told, ComparisonPage.Change(new ComparedFigure("g", "n", unit, a, b)));

    [Fact]
    public void Only_verdicts_and_expectations_that_differ_are_told()
    {
        Verdict[] ofA =
        [
            Verdict("lost", Judgement.Holds), Verdict("same", Judgement.Fails), Verdict("none", Judgement.NotApplicable),
        ];
        var a = Run([], verdicts: ofA, isMet: true);
        var b = Run([], verdicts: [Verdict("lost", Judgement.Fails), Verdict("same", Judgement.Fails), Verdict("new", Judgement.Holds)]);
        var comparison = RunComparison.Of(a, b);
        Assert.Equal(
            [new("lost", "holds: s", "fails: s"), new("new", "not there", "holds: s")], comparison.Verdicts);
        Assert.Equal([new("lost = 0", "met: m", "not met: m")], comparison.Expectations);
    }

    [Fact]
    public void Staleness_is_taken_from_what_its_check_measured()
    {
        Verdict Stale(double stale) => Verdict("staleness", Judgement.Holds) with
        {
            Figures = new Dictionary<string, double> { ["reads.one"] = 200, ["stale.one"] = stale, ["age-p99-ms.one"] = 12 },
        };
        var figures = RunComparison.Of(Run([], verdicts: [Stale(10)]), Run([], verdicts: [Stale(50)])).Figures;
        Assert.Contains(new ComparedFigure("stale reads", "reads at one", FigureUnit.Share, 0.05, 0.25), figures);
    }

    [Fact]
    public void The_page_and_the_json_have_all_of_it()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, ComparisonPage.Name);
        var comparison = RunComparison.Of(
            Run([Row("one", p50: 1)], converged: 2), Run([Row("one", p50: 3)], converged: 4), "<b>first</b>", "second");
        ComparisonPage.Write(path, comparison);
        var html = File.ReadAllText(path);
        if (Environment.GetEnvironmentVariable("COMPARE_OUT") is { } to) File.Copy(path, to, overwrite: true);
        Assert.Contains("&lt;b&gt;first&lt;/b&gt;", html);
        Assert.Contains("× 3", html);
        Assert.DoesNotContain("<b>", html);
        using var json = JsonDocument.Parse(ComparisonPage.ToJson(comparison));
        Assert.Equal(
            comparison.Figures.Count, json.RootElement.GetProperty("figures").GetArrayLength());
        Assert.Contains(
            json.RootElement.GetProperty("figures").EnumerateArray(),
            static one => one.GetProperty("unit").GetString() == "ms" && one.GetProperty("b").GetDouble() == 4000);
    }

    private static MeasuredRun Run(
        IReadOnlyList<LevelFigures> levels, IReadOnlyList<Verdict>? verdicts = null, bool isMet = false, double? converged = null)
    {
        var figures = new RunFigures { Seconds = 10, Calls = 5, Levels = levels, ConvergedSeconds = converged };
        var results = new RunResults
        {
            Scenario = "cap",
            Seed = 1,
            Started = default,
            Took = default,
            Expectations = [new("lost = 0", isMet, "m", [])],
        };
        return new MeasuredRun("cap", results, figures, verdicts ?? []);
    }

    private static LevelFigures Row(string level, double p50) => new()
    {
        Level = level,
        Side = "1",
        IsRead = false,
        Answered = 10,
        Refused = 0,
        Unknown = 0,
        PerSecond = 1,
        Availability = 1,
        P50Ms = p50,
        P99Ms = p50,
    };

    private static Verdict Verdict(string check, Judgement judgement) => new() { Check = check, Judgement = judgement, Summary = "s" };
}
