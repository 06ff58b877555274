using Gossipdb.Cli.Completion;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

public sealed class CandidatesTests
{
    [Theory]
    [InlineData("counter in", "incr")]
    [InlineData("completion ", "bash|fish|zsh")]
    [InlineData("demo --no-such-option x", "")]
    [InlineData("counter incr k --durability ", "journal|memory")]
    [InlineData("counter incr k --durability me", "memory")]
    [InlineData("counter incr k --w quo", "quorum|quorum-sloppy")]
    [InlineData("counter get --only k --on", "--only")]
    [InlineData("config --ch", "--changed")]
    [InlineData("node --config ", ":files")]
    [InlineData("verify ", ":files")]
    [InlineData("counter incr ", "")]
    [InlineData("set add -- --o", "")]
    [InlineData("config counter in", "")]
    public void What_may_stand_there_is_offered(string line, string expected)
    {
        var answer = Answer(line);

        Assert.Equal(expected, string.Join('|', answer.Select(static told => told.Split('\t')[0])));
    }

    [Fact]
    public void Every_command_is_offered_with_what_it_does()
    {
        var answer = Answer("");

        Assert.Contains(answer, static told => told.StartsWith("counter\t", StringComparison.Ordinal));
        Assert.All(answer, static told => Assert.Matches("^[a-z-]+\t.+$", told));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_script_names_the_program_that_printed_it(string shell)
    {
        var output = new StringWriter();

        var exit = await CommandLine.RunAsync(
            ["completion", shell], new Terminal(output, TextWriter.Null, interactive: false), NoNode.Runner, CancellationToken.None);

        Assert.Equal(0, exit);
        Assert.Contains($"'{Environment.ProcessPath}'", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("PROGRAM", output.ToString(), StringComparison.Ordinal);
    }

    private static string[] Answer(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = CommandLine.RunAsync(
            [CompletionCommand.Question, .. line.Split(' ')], new Terminal(output, error, interactive: false), NoNode.Runner,
            CancellationToken.None).GetAwaiter().GetResult();
        Assert.Equal((0, ""), (exit, error.ToString()));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
