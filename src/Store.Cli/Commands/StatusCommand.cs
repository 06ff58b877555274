using System.CommandLine;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary><c>status</c>: the nodes, who reaches whom, who owns what, and how far each replica lags.</summary>
internal static class StatusCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var digests = new Option<bool>("--digests")
        {
            Description = "Also compare the replicas' state, by a digest of each partition: a pass over all of it",
        };
        var command = new Command("status", "Show the nodes, who reaches whom, who owns what, and how far each replica lags") { digests };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            var answers = await admins.AskAnyAsync((_, admin) => admin.StatusAsync(parse.GetValue(digests), stop));
            var report = new StatusReport(admins.Cluster, answers, parse.GetValue(digests));
            if (parse.GetValue(options.Json)) terminal.Json(StatusJson.Document(report));
            else
            {
                StatusTables.Print(terminal, report);
                foreach (var silent in answers.Where(static answer => answer.Problem is not null))
                    terminal.Remark($"node {silent.Node}: {silent.Problem!.Message}");
            }

            return (int)ExitCode.Ok;
        });
        return command;
    }
}
