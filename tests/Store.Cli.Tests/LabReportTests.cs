using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using static Gossipdb.Cli.Tests.CommandLineOutput;

namespace Gossipdb.Cli.Tests;

public sealed class LabReportTests : IDisposable
{
    private const string Run = """{"kind":"run","name":"mine","replication":3}""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Anybodys_history_gets_a_report()
    {
        var run = Directory_("foreign", Run, Call(1, 0, 1000), Call(2, 2000, 5000));
        var (exit, output, _) = await RunAsync("lab", "report", run);
        Assert.Equal((int)ExitCode.Ok, exit);
        var path = Path.Combine(run, "report.html");
        Assert.Equal(path, output.Trim());
        Assert.Contains("<h1>mine</h1>", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runs_stand_side_by_side_and_what_differs_is_printed()
    {
        var (a, b) = (Directory_("a", Run, Call(1, 0, 1000)), Directory_("b", Run, Call(1, 0, 3000)));
        var page = Path.Combine(_directory.Path, "both.html");
        var (exit, output, _) = await RunAsync("lab", "compare", a, b, "--out", page);
        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Contains("× 3", output, StringComparison.Ordinal);
        Assert.Contains("every check came out alike", output, StringComparison.Ordinal);
        Assert.DoesNotContain("about the same │", output, StringComparison.Ordinal);
        Assert.Contains("A: a", File.ReadAllText(page), StringComparison.Ordinal);

        (exit, output, _) = await RunAsync("lab", "compare", a, b, "--json");
        Assert.Equal((int)ExitCode.Ok, exit);
        var medians = JsonNode.Parse(output)!["figures"]!.AsArray().Where(static one => (string?)one!["group"] == "latency, median");
        Assert.Equal((1.0, 3.0), Assert.Single(medians.Select(static one => ((double)one!["a"]!, (double)one["b"]!))));
        Assert.False(File.Exists("compare.html"));
    }

    [Fact]
    public async Task What_is_no_run_is_named()
    {
        var empty = Directory_("empty");
        File.Delete(Path.Combine(empty, "history.jsonl"));
        await Refused($"there is no history.jsonl in {empty}", "lab", "report", empty);
        await Refused("there is no directory nowhere", "lab", "report", "nowhere");
        await Refused("no history.jsonl, nor a results.json with figures", "lab", "compare", empty, empty);
        var broken = Directory_("broken", Run, """{"kind":"call"}""", Call(1, 0, 1));
        await Refused("line 2", "lab", "report", broken);
        var run = Directory_("run", Run, Call(1, 0, 1000));
        await Refused("nobody called the key 'k2' in this history", "lab", "report", run, "--key", "k2");
        await Refused("is a file; name the directory of a run", "lab", "report", Path.Combine(run, "history.jsonl"));
    }

    private static async Task Refused(string message, params string[] words)
    {
        var (exit, output, error) = await RunAsync(words);
        Assert.Equal(((int)ExitCode.Usage, ""), (exit, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static string Call(int id, long start, long end) =>
        $$"""{"kind":"call","id":{{id}},"caller":"a","start":{{start}},"end":{{end}}"""
        + ""","type":"counter","key":"k","op":"increment","outcome":"ok"}""";

    private string Directory_(string name, params string[] lines)
    {
        var path = Path.Combine(_directory.Path, name);
        Directory.CreateDirectory(path);
        File.WriteAllLines(Path.Combine(path, "history.jsonl"), lines);
        return path;
    }
}
