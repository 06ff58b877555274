using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary><c>compact</c>: gives back what is free in the journal of a node that does not run.</summary>
internal static class CompactCommand
{
    public static Command Create(CommonOptions options, Terminal terminal, INodeRunner runner)
    {
        var directory = new Argument<string>("DATA_DIR") { Description = "The data directory of a node that does not run" };
        var command = new Command("compact", "Give back what is free in a stopped node's journal file") { directory, options.Json };
        command.SetAction(parse =>
        {
            var (before, after) = runner.Compact(Path.GetFullPath(parse.GetRequiredValue(directory)));
            if (parse.GetValue(options.Json)) terminal.Json(new JsonObject { ["bytesBefore"] = before, ["bytesAfter"] = after });
            else terminal.Line($"the journal had {ByteSize.Text(before)}, and has {ByteSize.Text(after)}");
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
