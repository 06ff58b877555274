using System.CommandLine;
using System.Globalization;
using System.IO.Hashing;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Backups;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>verify</c>: whether files are as they were written, without a cluster.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommonOptions options, Terminal terminal, INodeRunner runner)
    {
        var directory = new Argument<string>("DIR") { Description = "Where backups are, or a stopped node's data directory" };
        var command = new Command("verify", "Check backups or a stopped node's data directory without a cluster: all checksums, and that "
            + "nothing is missing")
        {
            directory, options.Json,
        };
        command.SetAction(parse =>
        {
            var where = parse.GetRequiredValue(directory);
            return BackupDirectory.IsOne(where)
                ? VerifyBackups(where, parse.GetValue(options.Json), terminal, runner.States)
                : VerifyData(where, parse.GetValue(options.Json), terminal, runner);
        });
        return command;
    }

    private static int VerifyData(string where, bool json, Terminal terminal, INodeRunner runner)
    {
        var found = runner.VerifyData(where);
        if (json)
        {
            terminal.Json(new JsonObject
            {
                ["path"] = found.Path,
                ["records"] = found.Records,
                ["firstRecord"] = found.FirstRecord,
                ["lastRecord"] = found.LastRecord,
                ["entries"] = found.Entries,
                ["unchecked"] = found.Unchecked,
                ["bytes"] = found.Bytes,
                ["layout"] = found.Layout,
                ["problems"] = new JsonArray([.. found.Problems.Select(static problem => (JsonNode)JsonValue.Create(problem))]),
            });
        }
        else
        {
            var table = Tables.New("journal", "records", "entries", "without checksum", "bytes", "layout", "problems");
            table.AddTextRow(
                found.Path,
                string.Create(CultureInfo.InvariantCulture, $"{found.Records:N0} ({found.FirstRecord} to {found.LastRecord})"),
                found.Entries.ToString("N0", CultureInfo.InvariantCulture),
                found.Unchecked.ToString("N0", CultureInfo.InvariantCulture),
                found.Bytes.ToString("N0", CultureInfo.InvariantCulture),
                found.Layout ?? "cannot be read",
                $"{found.Problems.Count}");
            terminal.Render(table);
            foreach (var problem in found.Problems) terminal.Line($"damaged: {problem}");
        }

        return (int)(found.Problems.Count == 0 ? ExitCode.Ok : ExitCode.Error);
    }

    private static int VerifyBackups(string where, bool json, Terminal terminal, IStoredStates states)
    {
        var backups = new BackupDirectory(where).Needed();
        long records = 0, bytes = 0;
        foreach (var backup in backups)
        {
            foreach (var part in backup.Manifest.Parts)
            {
                records += RecordsOf(backup, part, states);
                bytes += part.Bytes;
            }
        }

        // Taken together they must have the keys that the cluster had.
        var newest = new BackupSource(where, until: null);
        long keys = 0;
        foreach (var partition in newest.Partitions)
        {
            var (count, hash) = (0L, 0UL);
            foreach (var entry in newest.Read(partition))
            {
                if (!entry.Continues) (count, hash) = (count + 1, hash ^ XxHash3.HashToUInt64(entry.Key.Span));
            }

            var told = newest.NewestOf(partition);
            if (count != told.Keys || hash != told.KeysHash)
            {
                throw new DamagedBackupException(
                    $"partition {partition} comes to {count} keys, and not to the {told.Keys} that the cluster had");
            }

            keys += count;
        }

        if (json)
        {
            terminal.Json(new JsonObject { ["backups"] = backups.Count, ["keys"] = keys, ["records"] = records, ["bytes"] = bytes });
            return (int)ExitCode.Ok;
        }

        terminal.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{backups.Count} backup{(backups.Count == 1 ? "" : "s")} whole: {keys:N0} keys, {records:N0} records, "
                + $"{ByteSize.Text(bytes)}"));
        return (int)ExitCode.Ok;
    }

    private static long RecordsOf(StoredBackup backup, PartitionBackup part, IStoredStates states)
    {
        long records = 0;
        foreach (var block in PartitionFileReader.Read(backup, part))
        {
            foreach (var entry in block.Entries)
            {
                records++;
                if (entry.Type == StoredType.None) continue;
                try
                {
                    states.ValueOf([entry.State]);
                }
                catch (FormatException wrong)
                {
                    throw new DamagedBackupException($"{part.File} in {backup.Directory}, '{entry.Key.ToEscaped()}': {wrong.Message}");
                }
            }
        }

        return records == part.Entries
            ? records
            : throw new DamagedBackupException($"{part.File} in {backup.Directory} has {records} records; the manifest says "
                + $"{part.Entries}");
    }
}
