using System.CommandLine;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Lab;

/// <summary><c>lab</c>: experiments on clusters of their own.</summary>
internal static class LabCommand
{
    public static Command Create(Terminal terminal) => new("lab", "Run experiments on a cluster of their own, and check what was recorded")
    {
        LabRunCommand.Create(terminal),
        LabCheckCommand.Create(terminal),
        ReportCommand.Create(terminal),
        CompareCommand.Create(terminal),
        LabListCommands.List(terminal),
        LabListCommands.Show(terminal),
        LabListCommands.Schema(terminal),
    };
}
