using System.Text.RegularExpressions;
using Gossipdb.Cli.Commands;
using Gossipdb.Cli.Output;
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
