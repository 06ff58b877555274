using System.Text.Json;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

public sealed class ConfigCommandTests
{
    private const string Id = "GOSSIPDB__NODE__ID";

    private static readonly ReportedSetting[] Settings =
    [
        new("gossipdb.node.id", Id, ["3"], false, ["0"], "number", null, "environment", $"the environment's {Id}"),
        new("gossipdb.node.host", "GOSSIPDB__NODE__HOST", ["127.0.0.1"], false, ["127.0.0.1"], "text", null, "default", ""),
        new("gossipdb.log.file-size", "GOSSIPDB__LOG__FILE_SIZE", ["2MiB"], false, ["16MiB"], "bytes", 2 << 20, "file", "node.conf:7"),
        new("gossipdb.audit.prefixes", "GOSSIPDB__AUDIT__PREFIXES", ["a", "b"], true, [], "list", null, "command line", "--set"),
    ];

    [Fact]
    public async Task Every_setting_is_shown_with_unit_and_place()
    {
        var (exit, output, error) = await RunAsync(null, "config");

        Assert.Equal((0, ""), (exit, error));
        Assert.Matches(@"gossipdb\.node\.id +│ 3 +│ number +│ the environment's GOSSIPDB__NODE__ID", output);
        Assert.Matches(@"gossipdb\.node\.host +│ 127\.0\.0\.1 +│ text +│ default", output);
        Assert.Matches(@"gossipdb\.log\.file-size +│ 2MiB +│ bytes +│ node\.conf:7", output);
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_shown()
    {
        var (_, changed, _) = await RunAsync(null, "config", "--changed");
        var (_, below, _) = await RunAsync(null, "config", "gossipdb.node");
        var (exit, _, error) = await RunAsync(null, "config", "gossipdb.nod.");

        Assert.DoesNotContain("gossipdb.node.host", changed, StringComparison.Ordinal);
        Assert.Contains("gossipdb.audit.prefixes", changed, StringComparison.Ordinal);
        Assert.Contains("gossipdb.node.host", below, StringComparison.Ordinal);
        Assert.DoesNotContain("gossipdb.log", below, StringComparison.Ordinal);
        Assert.Equal(((int)ExitCode.Usage, "gossipdb: no setting begins with 'gossipdb.nod.'\n"), (exit, error));
    }

    [Fact]
    public async Task A_problem_stands_behind_the_settings_and_is_the_exit_code()
    {
        var (exit, output, error) = await RunAsync("node.conf:3: gossipdb.node.id is '0'", "config", "--json");

        using var told = JsonDocument.Parse(output);
        Assert.Equal("node.conf:3: gossipdb.node.id is '0'", told.RootElement.GetProperty("problem").GetString());
        var size = told.RootElement.GetProperty("settings")[2];
        Assert.Equal(("2MiB", 2 << 20), (size.GetProperty("value").GetString(), size.GetProperty("bytes").GetInt32()));
        Assert.Equal("file", size.GetProperty("source").GetString());
        Assert.Equal(2, told.RootElement.GetProperty("settings")[3].GetProperty("value").GetArrayLength());
        Assert.Equal(((int)ExitCode.Usage, "gossipdb: node.conf:3: gossipdb.node.id is '0'\n"), (exit, error));
    }

    [Fact]
    public async Task What_the_command_line_says_is_handed_on()
    {
        var runner = new Reporting(null);
        var error = new StringWriter();
        string[] words = ["config", "--set", "gossipdb.node.id=3", "--set", "gossipdb.log.level=debug"];

        await CommandLine.RunAsync(words, new Terminal(new StringWriter(), error, interactive: false), runner, CancellationToken.None);

        Assert.Equal("", error.ToString());
        Assert.Null(runner.Asked!.File);
        Assert.Equal(["gossipdb.node.id=3", "gossipdb.log.level=debug"], runner.Asked.Overrides);
    }

    [Fact]
    public void A_name_that_is_not_known_is_told_with_the_nearest() => Assert.Equal(
        "no such setting; did you mean gossipdb.log.level?",
        new ConfigurationException("no such setting", "gossipdb.log.levl", ["gossipdb.log.files", "gossipdb.log.level"]).Message);

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string? problem, params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(
            words, new Terminal(output, error, interactive: false), new Reporting(problem), CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }

    private sealed class Reporting(string? problem) : INodeRunner
    {
        public NodeConfiguration? Asked { get; private set; }

        public IStoredStates States => NoNode.Runner.States;

        public DataVerification VerifyData(string directory) => NoNode.Runner.VerifyData(directory);

        public (long Before, long After) Compact(string dataDirectory) => NoNode.Runner.Compact(dataDirectory);

        public Task<int> RunAsync(NodeConfiguration configuration, CancellationToken stop) => NoNode.Runner.RunAsync(configuration, stop);

        public ConfigurationReport ReadConfiguration(NodeConfiguration configuration)
        {
            Asked = configuration;
            return new ConfigurationReport(Settings, problem);
        }
    }
}
