using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>scan</c>: which keys there are.</summary>
internal static class ScanCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var prefix = new Argument<string?>("PREFIX") { Description = "What the keys begin with (default: all keys)", Arity = ArgumentArity.ZeroOrOne };
        var bucket = new Option<string?>("--bucket") { Description = "The keys of a bucket: those that begin with its name and a '/'", HelpName = "BUCKET" };
        var limit = Parsers.Option("--limit", "How many keys at most (default: 100)", "N", Parsers.Integer(1, 1_000_000), static () => 100);
        var cursor = new Option<string?>("--cursor") { Description = "Where to go on, as the page before said (default: at the start)", HelpName = "CURSOR" };
        var count = new Option<bool>("--count") { Description = "Print how many keys there are in all, and not which" };
        var command = new Command("scan", "List the keys that begin with a prefix, with their types, page by page") { prefix, bucket, limit, cursor, count, options.R, options.Session };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            if (parse.GetValue(count) && (parse.GetValue(cursor) is not null || parse.GetResult(limit) is { Implicit: false }))
                throw CliException.Usage("--count counts all keys: it takes neither --limit nor --cursor");
            var start = Start(parse.GetValue(prefix), parse.GetValue(bucket));
            var read = (parse.GetValue(options.R) ?? Client.Read.One) with { Timeout = options.ReadConsistency(parse).Timeout };
            await ClientCall.RunAsync(options, parse, stop, async store =>
            {
                if (parse.GetValue(count)) await CountAsync(store, start, read, parse.GetValue(options.Json), terminal, stop);
                else Print(await store.ScanPageAsync(start, parse.GetValue(cursor), parse.GetValue(limit), read, stop), parse.GetValue(options.Json), terminal);
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>What keys begin with that are of a bucket, or have a prefix.</summary>
    internal static string Start(string? prefix, string? bucket)
    {
        if (bucket is null) return prefix ?? "";
        if (bucket.Length == 0 || bucket.Contains('/')) throw CliException.Usage($"--bucket: '{bucket}' is no bucket: its name is the part of a key before the first '/'");
        return $"{bucket}/{prefix}";
    }

    private static async Task CountAsync(GossipdbStore store, string prefix, Read read, bool json, Terminal terminal, CancellationToken stop)
    {
        long keys = 0;
        await foreach (var _ in store.ScanAsync(prefix, read, stop)) keys++;
        if (json) terminal.Json(new JsonObject { ["keys"] = keys });
        else terminal.Line(keys.ToString(CultureInfo.InvariantCulture));
    }

    private static void Print(Page<ScannedKey> page, bool json, Terminal terminal)
    {
        if (json)
        {
            var keys = new JsonArray([.. page.Items.Select(static item => (JsonNode)new JsonObject { ["key"] = item.Key, ["type"] = ValueOutput.NameOf(item.Type) })]);
            terminal.Json(new JsonObject { ["keys"] = keys, ["next"] = page.Next });
            return;
        }

        foreach (var item in page.Items) terminal.Line($"{item.Key}\t{ValueOutput.NameOf(item.Type)}");
        terminal.Remark(page.Next is { } next ? $"(more: --cursor {next})" : page.Items.Count == 0 ? "no keys" : "(that was all)");
    }
}
