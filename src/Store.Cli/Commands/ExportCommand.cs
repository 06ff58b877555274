using System.CommandLine;
using Gossipdb.Cli.Backups;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>export</c>: what keys hold as JSON Lines, of a running cluster or of a backup.</summary>
internal static class ExportCommand
{
    public static Command Create(CommonOptions options, Terminal terminal, INodeRunner runner)
    {
        var prefix = options.Bytes.Perhaps("PREFIX", "What the keys begin with (default: all keys)");
        var state = new Option<bool>("--state")
        {
            Description = "Also the states, so that nothing is lost: timestamps, several values of a register, estimates, and all types "
                + "of a key",
        };
        var backup = new Option<string?>("--backup") { Description = "Of the backups in DIR in place of a cluster", HelpName = "DIR" };
        var until = Parsers.Option<DateTimeOffset?>(
            "--until", "With --backup: as restore --until", "TIME", static text => Parsers.Moment(text));
        var command = new Command(
            "export",
            "Print what keys hold, a line of JSON for each: its key, type, value, and until when it lives. Each partition is as of one "
            + "moment. "
            + "'gossipdb import' reads it")
        {
            prefix, state, backup, until, options.Bytes.Hex,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var start = parse.GetValue(prefix) ?? "";
            var lines = new ExportLines(runner.States, options.Bytes.Form(parse), parse.GetValue(state));
            if (parse.GetValue(backup) is { } directory)
            {
                var source = new BackupSource(directory, parse.GetValue(until));
                foreach (var partition in source.Partitions)
                    foreach (var line in lines.Of(Starting(source.Read(partition), start))) terminal.Line(line);
                return (int)ExitCode.Ok;
            }

            if (parse.GetValue(until) is not null) throw CliException.Usage("--until needs --backup: a running cluster is as it is");

            // The partitions are taken into files first. So what is printed of each is of one moment, and nothing is printed twice.
            var scratch = Directory.CreateTempSubdirectory("gossipdb-export-");
            try
            {
                using (var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop))
                    await new BackupRun(admins, new BackupDirectory(scratch.FullName), terminal.Remark).RunAsync(full: true, stop);
                var taken = new BackupSource(scratch.FullName, until: null);
                foreach (var partition in taken.Partitions)
                    foreach (var line in lines.Of(Starting(taken.Read(partition), start))) terminal.Line(line);
            }
            finally
            {
                scratch.Delete(recursive: true);
            }

            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<BackupEntry> Starting(IEnumerable<BackupEntry> entries, Bytes prefix) =>
        entries.Where(entry => entry.Key.Span.StartsWith(prefix.Span));
}
