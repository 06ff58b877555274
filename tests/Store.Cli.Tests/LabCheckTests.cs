using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

public sealed class LabCheckTests : IDisposable
{
    private const string Run = """{"kind":"run","replication":3}""";
    private const string Write =
        """{"kind":"call","id":1,"caller":"a","start":1000,"end":4000,"type":"set","key":"k","op":"add","argument":"x","outcome":"ok"}""";

    private const string StaleRead =
        """{"kind":"call","id":2,"caller":"b","start":5000,"end":6000,"type":"set","key":"k","op":"read","result":[],"outcome":"ok"}""";

    private const string Kept = """{"kind":"state","at":9000,"node":1,"type":"set","key":"k","value":["x"],"final":true}""";
    private const string Lost = """{"kind":"state","at":9000,"node":1,"type":"set","key":"k","value":[],"final":true}""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_history_that_fails_a_check_ends_with_a_code_of_its_own_and_with_the_evidence()
    {
        var (exit, output, _) = await RunAsync("lab", "check", File_(Run, Write, Lost));
        Assert.Equal((int)ExitCode.NotMet, exit);
        Assert.Contains("FAILS    lost-writes", output, StringComparison.Ordinal);
        Assert.Contains("call 1 (a, 0.001 s to 0.004 s) added \"x\" and was acked", output, StringComparison.Ordinal);
        Assert.Contains("1 call of 1 object: 1 failed", output, StringComparison.Ordinal);

        (exit, output, _) = await RunAsync("lab", "check", File_(Run, Write, Kept));
        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Contains("no check fails", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_store_promises_counts_where_it_is_asked_for()
    {
        var file = File_(Run, Write, StaleRead, Kept);
        var (exit, output, _) = await RunAsync("lab", "check", file);
        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Contains("fails    linearizable: default", output, StringComparison.Ordinal);

        (exit, output, _) = await RunAsync("lab", "check", file, "--check", "linearizable", "--json");
        Assert.Equal((int)ExitCode.NotMet, exit);
        var verdict = Assert.Single(JsonNode.Parse(output)!["verdicts"]!.AsArray())!;
        Assert.Equal(("linearizable: default", "fails"), ((string?)verdict["check"], (string?)verdict["judgement"]));
        Assert.Equal([1, 2], verdict["evidence"]![0]!["calls"]!.AsArray().Select(static call => (int)call!));
    }

    [Fact]
    public async Task A_line_that_is_no_record_is_named()
    {
        var (exit, _, error) = await RunAsync("lab", "check", File_(Run, """{"kind":"phase","at":"soon","name":"x"}""", Write));
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains("line 2, column 28: 'at': expected whole microseconds since the run began", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lab check nowhere.jsonl", "there is no history 'nowhere.jsonl'")]
    [InlineData("lab check x --check linearisable", "there is no check 'linearisable'; did you mean 'linearizable'?")]
    [InlineData("pbs --r 4", "--r 4: there are only 3 replicas (--n)")]
    [InlineData("pbs --w-ms 5", "--a-ms is missing")]
    [InlineData("pbs --w-ms gauss(5)", "'gauss' is no distribution")]
    [InlineData("pbs --fit ymr", "'ymr' is none of the published fits: lnkd-ssd, lnkd-disk, ymmr, wan")]
    [InlineData("pbs --fit ymmr --ms 5", "one of the three")]
    [InlineData("pbs --from nowhere", "there is no history 'nowhere'")]
    public async Task What_is_wrong_is_said_in_a_line(string words, string expected)
    {
        var (exit, _, error) = await RunAsync(words.Split(' '));
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staleness_is_predicted_without_running_anything()
    {
        var (exit, output, _) = await RunAsync("pbs", "--n", "3", "--r", "1", "--w", "1", "--ms", "5", "--json");
        Assert.Equal((int)ExitCode.Ok, exit);
        var document = JsonNode.Parse(output)!;
        Assert.Equal((3, 1.0), ((int)document["n"]!, (double)document["consistent"]![0]!["probability"]!)); // all replicas at the same time
        Assert.Equal((10.0, 10.0), ((double)document["writeMs"]!["p50"]!, (double)document["readMs"]!["p99"]!));

        (_, output, _) = await RunAsync("pbs", "--w-ms", "uniform(0,100)", "--ms", "0");
        Assert.Contains("N=3 R=1 W=1, given latencies", output, StringComparison.Ordinal);
        Assert.Contains("Within so many versions, whatever the latencies: 1: 33.33 %", output, StringComparison.Ordinal);
    }

    private string File_(params string[] lines)
    {
        var path = Path.Combine(_directory.Path, "history.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(args, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
