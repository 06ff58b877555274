using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>scan</c>: which keys there are.</summary>
internal static class ScanCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var prefix = options.Bytes.Perhaps("PREFIX", "What the keys begin with (default: all keys)");
        var bucket = options.Bytes.Option("--bucket", "The keys of a bucket: those that begin with its name and a '/'", "BUCKET");
        var limit = Parsers.Option("--limit", "How many keys at most (default: 100)", "N", Parsers.Integer(1, 1_000_000), static () => 100);
        var cursor = new Option<string?>("--cursor")
        {
            Description = "Where to go on, as the page before said (default: at the start)",
            HelpName = "CURSOR",
        };
        var count = new Option<bool>("--count") { Description = "Print how many keys there are in all, and not which" };
        var level = Parsers.Option(
            "--r",
            "How many replicas each page asks: one, two, quorum, all, or a number (default: one, whatever the node is configured to do)",
            "LEVEL",
            Parsers.ReadLevel,
            static () => Client.Read.One);
        var command = new Command("scan", "List the keys that begin with a prefix, with their types, page by page")
        {
            prefix,
            bucket,
            limit,
            cursor,
            count,
            level,
            options.Bytes.Hex,
            options.Session,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            if (parse.GetValue(count) && (parse.GetValue(cursor) is not null || parse.GetResult(limit) is { Implicit: false }))
                throw CliException.Usage("--count counts all keys: it takes neither --limit nor --cursor");
            var start = Start(parse.GetValue(prefix), parse.GetValue(bucket));
            await ClientCall.RunAsync(options, parse, stop, async (store, left) =>
            {
                // A page is a call, and one of many where all are counted.
                var read = parse.GetRequiredValue(level) with { Timeout = parse.GetValue(count) ? options.TimeoutOf(parse) : left };
                if (parse.GetValue(count)) await CountAsync(store, start, read, parse.GetValue(options.Json), terminal, stop);
                else Print(
                    await store.ScanPageAsync(start, parse.GetValue(cursor), parse.GetValue(limit), read, stop),
                    options.Bytes.Form(parse),
                    parse.GetValue(options.Json),
                    terminal);
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>What keys begin with that are of a bucket, or have a prefix.</summary>
    private static Bytes Start(Bytes? prefix, Bytes? bucket)
    {
        if (bucket is not { } name) return prefix ?? "";
        if (name.IsEmpty || name.Span.Contains((byte)'/'))
            throw CliException.Usage($"--bucket: '{name.ToEscaped()}' is no bucket: its name is the part of a key before the first '/'");
        return (byte[])[.. name.Span, (byte)'/', .. (prefix ?? "").Span];
    }

    private static async Task CountAsync(GossipdbStore store, Bytes prefix, Read read, bool json, Terminal terminal, CancellationToken stop)
    {
        long keys = 0;
        await foreach (var _ in store.ScanAsync(prefix, read, stop)) keys++;
        if (json) terminal.Json(new JsonObject { ["keys"] = keys });
        else terminal.Line(keys.ToString(CultureInfo.InvariantCulture));
    }

    private static void Print(Page<ScannedKey> page, ByteForm form, bool json, Terminal terminal)
    {
        if (json)
        {
            var keys = new JsonArray([.. page.Items.Select(item =>
                (JsonNode)new JsonObject { ["key"] = form.Whole(item.KeyBytes), ["type"] = ValueOutput.NameOf(item.Type) })]);
            terminal.Json(new JsonObject { ["keys"] = keys, ["next"] = page.Next });
            return;
        }

        foreach (var item in page.Items) terminal.Line($"{form.Line(item.KeyBytes)}\t{ValueOutput.NameOf(item.Type)}");
        terminal.Remark(page.Next is { } next ? $"(more: --cursor {next})" : page.Items.Count == 0 ? "no keys" : "(that was all)");
    }
}
