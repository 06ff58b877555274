using System.Text.RegularExpressions;
using Gossipdb.Cli.Commands;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Tests;

public sealed class UpCommandTests
{
    [Fact]
    public async Task A_data_directory_that_cannot_be_used_is_told_with_the_option_that_helps()
    {
        var file = Path.GetTempFileName();
        var (output, error) = (new StringWriter(), new StringWriter());

        var exit = await CommandLine.RunAsync(
            ["up", "--data", file], new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);

        Assert.Equal($"gossipdb: '{file}' is a file, not a data directory; choose another with --data\n", error.ToString());
        Assert.Equal((int)ExitCode.Error, exit);
        File.Delete(file);
    }

    [Theory]
    [InlineData("gossipdb.journal.provider=postgres", "gossipdb.journal.provider = \"postgres\"")]
    [InlineData(
        "gossipdb.journal.connection-string=Host=h;Password=a\"b\\c",
        "gossipdb.journal.connection-string = \"Host=h;Password=a\\\"b\\\\c\"")]
    [InlineData("gossipdb.journal.password-file=", "gossipdb.journal.password-file = \"\"")]
    public void A_setting_becomes_a_line_of_the_nodes_configuration(string given, string line) =>
        Assert.Equal(line, Parsers.Setting(given));

    [Theory]
    [InlineData("gossipdb.journal.provider")]
    [InlineData("=postgres")]
    [InlineData("gossipdb { journal=1")]
    public async Task What_is_no_setting_is_told(string given)
    {
        var (output, error) = (new StringWriter(), new StringWriter());

        var exit = await CommandLine.RunAsync(
            ["up", "--set", given], new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);

        Assert.Contains($"--set: '{given}' is no setting: write KEY=VALUE", error.ToString(), StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.Usage, exit);
    }

    [Fact]
    public void A_hint_names_only_options_that_the_command_has()
    {
        var command = UpCommand.Create(new Terminal(TextWriter.Null, TextWriter.Null, interactive: false));
        foreach (var problem in Enum.GetValues<LocalClusterProblem>().Where(static each => each != LocalClusterProblem.Other))
        {
            var named = Regex.Matches(UpCommand.HintOf(problem)!, "--[a-z]+").Select(static match => match.Value).ToList();
            Assert.NotEmpty(named);
            Assert.Subset(command.Options.Select(static option => option.Name).ToHashSet(), named.ToHashSet());
        }

        Assert.Null(UpCommand.HintOf(LocalClusterProblem.Other));
    }
}
