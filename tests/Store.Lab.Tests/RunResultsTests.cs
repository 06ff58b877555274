using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Tests;

public sealed class RunResultsTests
{
    [Fact]
    public void A_run_is_met_where_every_expectation_is()
    {
        var results = new RunResults { Scenario = "x", Seed = 1, Started = default, Took = default };
        Assert.True(results.IsMet);
        Assert.False((results with { Expectations = [new("a", true, "1", []), new("b", false, "2", [])] }).IsMet);
    }

    [Fact]
    public void Results_are_read_back_as_they_were_written()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, RunResultsFile.Name);
        var results = new RunResults
        {
            Scenario = "cap",
            Title = "a cut, seen from both sides: \u00e4 \u2192 <b>",
            Seed = ulong.MaxValue,
            Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Took = TimeSpan.FromSeconds(12.5),
            Expectations = [new("lost = 0", false, "1 lost", [new("a write went", [7, 9])])],
            Verdicts =
            [
                new Verdict
                {
                    Check = "lost-writes",
                    Judgement = Judgement.Fails,
                    Summary = "1 of 2",
                    Figures = new Dictionary<string, double> { ["lost"] = 1 },
                },
            ],
            Figures = new RunFigures { Seconds = 12, Calls = 3, Levels = [] },
        };
        RunResultsFile.Write(path, results);
        var read = RunResultsFile.Read(path);
        Assert.Equal(RunResultsFile.ToJson(results), RunResultsFile.ToJson(read));
        Assert.Equal(results.Seed, read.Seed);
        Assert.Equal([7, 9], read.Expectations[0].Evidence[0].Calls);
        Assert.Equal(Judgement.Fails, read.Verdicts[0].Judgement);
        Assert.False(read.IsMet);
        Assert.Contains("\"isMet\": false", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("{\"scenario\": \"x\",\n \"seed\": \"many\"}", "line 2")]
    [InlineData("{\"scenario\": \"x\"}", "seed")]
    [InlineData("null", "null")]
    public void What_is_no_results_is_named_with_file_and_place(string text, string told)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, RunResultsFile.Name);
        File.WriteAllText(path, text);
        var wrong = Assert.Throws<FormatException>(() => RunResultsFile.Read(path));
        Assert.StartsWith(path, wrong.Message);
        Assert.Contains(told, wrong.Message);
    }
}
