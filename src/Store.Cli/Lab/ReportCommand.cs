using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;

namespace Gossipdb.Cli.Lab;

/// <summary><c>lab report</c>: the report of a run, made anew.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var directory = new Argument<string>("DIR")
        {
            Description = $"A directory with {RunReport.HistoryName}; {RunResultsFile.Name} beside it is used where there is one",
        };
        var keys = new Option<string[]>("--key")
        {
            Description = "Tell the story of this key; may be given several times (default: the keys with the most to tell)",
            HelpName = "KEY",
        };
        var command = new Command(
            "report",
            "Make the report of a run anew from its history, or of any history in the documented format: a page that fetches nothing")
        {
            directory, keys,
        };
        command.SetAction((parse, stop) => Task.Run(
            () =>
            {
                var path = RunFiles.Write(parse.GetRequiredValue(directory), parse.GetValue(keys) ?? [], stop);
                terminal.Line(path);
                return (int)ExitCode.Ok;
            },
            stop));
        return command;
    }
}
