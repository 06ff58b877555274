using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Backups;
using Gossipdb.Cli.Faults;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>restore</c>: what backups or a journal hold, into a running cluster of any size.</summary>
internal static class RestoreCommand
{
    private const string Merging =
        "What is restored is added to what the cluster holds, and loses nothing of either: of registers and of scores the later assignment "
        + "counts, sets and maps unite, counters and increments add up, lists and texts come behind what is there, an enabled flag enables "
        + "(unless it was disabled where disabling wins), the greater or lesser number stays, and a key keeps the longer life. Delete a "
        + "key "
        + "first to have it as it was";

    public static Command Create(CommonOptions options, Terminal terminal, INodeRunner runner, FaultCommands faults)
    {
        var directory = new Argument<string?>("DIR")
        {
            Description = "Where the backups are; with --from a node's number",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var saved = new Option<string?>("--from")
        {
            Description = "Nothing of a backup: put back the data directory of a node that is down, as 'gossipdb save' copied it there, "
                + "for an experiment",
            HelpName = "COPY",
        };
        var journal = new Option<string[]>("--journal")
        {
            Description = "Restore from the data directory of a node that is stopped, or a copy of it, in place of backups; given "
                + "again, from "
                + "several: of a partition that several have, the one with more changes counts",
            HelpName = "DATA_DIR",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var until = Parsers.Option<DateTimeOffset?>(
            "--until",
            "Nothing that was changed after this: of each partition the newest backup without such a change; of a journal all changes "
            + "up to "
            + "then. As 2026-01-31T12:00:00Z, or Unix milliseconds",
            "TIME",
            static text => Parsers.Moment(text));
        var prefix = options.Bytes.Option("--prefix", "Only the keys that begin with this", "PREFIX");
        var dryRun = new Option<bool>("--dry-run") { Description = "Read and check everything, and say what would be restored" };
        var progress = new Option<string?>("--progress")
        {
            Description = $"Where to note how far it is, so that the same command can go on after an interruption (default: DIR/"
                + $"{RestoreProgress.FileName}; of a journal: {RestoreProgress.FileName} in the current directory)",
            HelpName = "FILE",
        };
        var parallel = Parsers.Option("--parallel", "Keys under way at once", "N", Parsers.Integer(1, 16_384), static () => 256);
        var command = new Command(
            "restore", $"Restore backups, or a node's journal, into a running cluster of any number of nodes and partitions. {Merging}")
        {
            directory, journal, until, prefix, dryRun, progress, parallel, options.W, options.Durability, options.Bytes.Hex,
            saved, faults.Data,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var (from, data) = (parse.GetValue(directory), parse.GetValue(journal));
            if (parse.GetValue(saved) is { } copy)
            {
                Option[] others = [journal, until, prefix, dryRun, progress];
                if (others.FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } other)
                    throw CliException.Usage($"{other.Name} is about backups, and --from puts back a node's data directory");
                return await faults.RestoreAsync(parse, from ?? "", copy, stop);
            }

            if ((from is null) == (data is null or [])) throw CliException.Usage("restore what? Name a DIR of backups or --journal "
                + "DATA_DIR");
            IRestoreSource source = from is not null
                ? new BackupSource(from, parse.GetValue(until))
                : new JournalSource(runner.States, data!, parse.GetValue(until), terminal.Remark);
            var file = parse.GetValue(progress)
                ?? (from is not null ? Path.Combine(from, RestoreProgress.FileName) : Path.GetFullPath(RestoreProgress.FileName));
            var start = parse.GetValue(prefix) ?? "";
            var tally = await RunAsync(parse, source, file, start, stop);
            if (parse.GetValue(options.Json))
            {
                terminal.Json(new JsonObject
                {
                    ["from"] = source.Name,
                    ["dryRun"] = parse.GetValue(dryRun),
                    ["keys"] = tally.Keys,
                    ["objects"] = tally.Objects,
                    ["bytes"] = tally.Bytes,
                    ["expired"] = tally.Expired,
                    ["retries"] = tally.Retries,
                });
            }
            else
            {
                terminal.Line($"{(parse.GetValue(dryRun) ? "would restore" : "restored")} {tally.Line}");
            }

            return (int)ExitCode.Ok;
        });
        return command;

        async Task<RestoreTally> RunAsync(ParseResult parse, IRestoreSource source, string file, Bytes start, CancellationToken stop)
        {
            var of = $"{source.Name}{(start.IsEmpty ? "" : $", keys that begin with '{start.ToEscaped()}'")}";
            if (parse.GetValue(dryRun))
            {
                var trial = new RestoreRun(null, 1, start, of, DateTimeOffset.UtcNow);
                foreach (var partition in source.Partitions) await trial.RunAsync(source.Read(partition), stop);
                return trial.Tally;
            }

            var clientOptions = options.ClientOptions(parse);
            clientOptions.MaxInFlight = Math.Max(clientOptions.MaxInFlight, parse.GetValue(parallel));
            var client = await GossipdbClient.ConnectAsync(clientOptions, stop);
            await using (client)
            {
                var noted = RestoreProgress.Open(file, of);
                await noted.CheckAsync(client, file, stop);
                var isRepeated = File.Exists(file);
                if (isRepeated) terminal.Remark($"goes on: {noted.Done.Count} of {source.Partitions.Count} partitions are restored");
                noted.Save(file);
                var tally = new RestoreTally();
                var target = await RestoreTarget.OfAsync(client, clientOptions, options.WriteConsistency(parse), stop);
                var told = DateTimeOffset.UtcNow;
                var gate = new Lock();
                var most = Math.Min(source.AtOnce, parse.GetValue(parallel));
                await Parallel.ForEachAsync(
                    source.Partitions.Where(partition => !noted.Done.Exists(done => done.Partition == partition)).ToArray(),
                    new ParallelOptions { MaxDegreeOfParallelism = most, CancellationToken = stop },
                    async (partition, ending) =>
                    {
                        bool mayHaveBeenSent;
                        lock (gate) mayHaveBeenSent = noted.Begin(partition, isRepeated, file);
                        var run = new RestoreRun(target, parse.GetValue(parallel) / most, start, of, noted.Begun, tally)
                        {
                            MayHaveBeenSent = mayHaveBeenSent,
                        };
                        await run.RunAsync(source.Read(partition), ending);
                        lock (gate)
                        {
                            noted.Done.Add(new RestoreProgress.DonePartition(
                                partition, run.Last?.Key.ToHex(), run.Last?.Receipt.Token.ToString()));
                            noted.Save(file);
                            if (DateTimeOffset.UtcNow - told < TimeSpan.FromSeconds(2)) return;
                            told = DateTimeOffset.UtcNow;
                            tally.Retries = target.Writer.Retries;
                            terminal.Remark(string.Create(
                                CultureInfo.InvariantCulture, $"{noted.Done.Count} of {source.Partitions.Count} partitions, {tally.Line}"));
                        }
                    });

                tally.Retries = target.Writer.Retries;
                File.Delete(file);
                return tally;
            }
        }
    }
}
