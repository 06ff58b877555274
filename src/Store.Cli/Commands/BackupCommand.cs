using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Backups;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary><c>backup</c>: all of a running cluster, into files. <c>backup list</c>: which there are.</summary>
internal static class BackupCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var directory = new Argument<string>("DIR") { Description = "Where backups of this cluster are kept" };
        var full = new Option<bool>("--full") { Description = "Take every key, whatever the backups in DIR hold already" };
        var command = new Command(
            "backup",
            "Back up the running cluster into DIR: each partition as of one moment. A further backup into the same DIR takes only the "
            + "keys that "
            + "changed since, and needs those before it")
        {
            directory, full, List(options, terminal),
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var admins = await ClusterAdmins.ConnectAsync(options.ClientOptions(parse), stop);
            var run = new BackupRun(admins, new BackupDirectory(parse.GetRequiredValue(directory)), terminal.Remark);
            var taken = await run.RunAsync(parse.GetValue(full), stop);
            if (parse.GetValue(options.Json)) terminal.Json(Document(taken));
            else terminal.Line(Line(taken.Manifest));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command List(CommonOptions options, Terminal terminal)
    {
        var directory = new Argument<string>("DIR") { Description = "Where the backups are" };
        var command = new Command("list", "List the backups in DIR") { directory, options.Json };
        command.SetAction(parse =>
        {
            var backups = new BackupDirectory(parse.GetRequiredValue(directory)).Needed();
            if (parse.GetValue(options.Json))
            {
                terminal.Json(new JsonObject { ["backups"] = new JsonArray([.. backups.Select(Document)]) });
                return (int)ExitCode.Ok;
            }

            foreach (var backup in backups) terminal.Line(Line(backup.Manifest));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static string Line(BackupManifest backup)
    {
        var whole = backup.Parts.Count(static part => part.IsWhole);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"backup {backup.Number}: {backup.Ended.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, "
            + $"{backup.Parts.Sum(static part => part.Keys):N0} keys, "
            + $"{backup.Parts.Sum(static part => part.Entries):N0} records, {ByteSize.Text(backup.Bytes)}, "
            + $"{(whole == backup.Partitions ? "whole" : whole == 0 ? "what changed" : $"what changed, and {whole} partitions whole")}");
    }

    private static JsonObject Document(StoredBackup backup) => new()
    {
        ["number"] = backup.Manifest.Number,
        ["id"] = backup.Manifest.Id,
        ["begun"] = ValueOutput.Moment(backup.Manifest.Begun),
        ["ended"] = ValueOutput.Moment(backup.Manifest.Ended),
        ["lastChange"] = ValueOutput.Moment(backup.Manifest.Parts.Max(static part => part.LastChangedAt)),
        ["partitions"] = backup.Manifest.Partitions,
        ["whole"] = backup.Manifest.Parts.Count(static part => part.IsWhole),
        ["keys"] = backup.Manifest.Parts.Sum(static part => part.Keys),
        ["records"] = backup.Manifest.Parts.Sum(static part => part.Entries),
        ["bytes"] = backup.Manifest.Bytes,
        ["directory"] = backup.Directory,
    };
}
