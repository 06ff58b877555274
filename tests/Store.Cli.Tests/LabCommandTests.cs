using System.Text.Json;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Cli.Tests;

public sealed class LabCommandTests
{
    [Fact]
    public async Task Scenarios_are_listed_with_what_they_are_about()
    {
        var (exit, output, _) = await RunAsync("lab", "list", "--json");

        var listed = JsonDocument.Parse(output).RootElement.EnumerateArray().ToList();
        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Equal(ShippedScenarios.Names, listed.Select(static one => one.GetProperty("name").GetString()));
        Assert.Contains("cap", (await RunAsync("lab", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_shown_of_a_scenario_is_a_file_that_can_be_run()
    {
        var (exit, output, _) = await RunAsync("lab", "show", "cap");

        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Equal("cap", ScenarioReader.Read(output, "copy.yaml").Name);
    }

    [Fact]
    public async Task The_schema_is_printed() =>
        Assert.True(JsonDocument.Parse((await RunAsync("lab", "schema")).Output).RootElement.TryGetProperty("$defs", out _));

    [Theory]
    [InlineData("there is no scenario 'pacelk'; did you mean 'pacelc'?", "lab", "run", "pacelk")]
    [InlineData("there is no file './nowhere.yaml'", "lab", "run", "./nowhere.yaml")]
    [InlineData("'lab run' takes a scenario, or --all", "lab", "run")]
    [InlineData("'lab run' takes a scenario, or --all", "lab", "run", "cap", "--all")]
    [InlineData("--seed: 'x' is not a whole number from 0 up", "lab", "run", "cap", "--seed", "x")]
    public async Task What_cannot_be_run_is_told_before_anything_is_started(string message, params string[] words)
    {
        var (exit, _, error) = await RunAsync(words);

        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_mistake_of_a_file_is_told_with_its_line()
    {
        var file = Path.Combine(Path.GetTempPath(), $"gossipdb-lab-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, ShippedScenarios.Find("cap")!.Text
            .Replace("rate: 15/s", "rat: 15/s", StringComparison.Ordinal)
            .Replace("lost = 0", "lsot = 0", StringComparison.Ordinal));
        var (exit, _, error) = await RunAsync("lab", "run", file);
        File.Delete(file);

        Assert.Equal((int)ExitCode.Usage, exit);
        var lines = error.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^gossipdb: .*\.yaml:\d+:5: workload\[4\]\.rat: there is no key 'rat'; did you mean 'rate'\?$", lines[0]);
        Assert.Matches(@"^.*\.yaml:\d+:5: expect\[4\]: there is no figure 'lsot'; did you mean 'lost'\?$", lines[1]);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(
            words, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
