using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

/// <summary>Runs a command line, and keeps what it prints.</summary>
internal static class CommandLineOutput
{
    public static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(args, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
