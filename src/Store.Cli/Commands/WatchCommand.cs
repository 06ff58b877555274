using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>watch</c>: a line for every change, until it is stopped.</summary>
internal static class WatchCommand
{
    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var key = options.Bytes.Perhaps("KEY", "The key");
        var prefix = options.Bytes.Option("--prefix", "The keys that begin with this, instead of one; empty for all", "PREFIX");
        var after = Parsers.Option<ClockToken?>(
            "--after",
            "Tell only what changed after this token, as a watch printed it when it ended (default: begin with what there is)",
            "TOKEN",
            static text => ClockToken.TryParse(text, out var token) ? token : throw new FormatException($"'{text}' is no token"));
        var command = new Command("watch", "Print what a key, or each key with a prefix, holds, and every change from then on; "
            + "Ctrl-C ends it") { key, prefix, after, options.Bytes.Hex };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            var (one, start, json) = (parse.GetValue(key), parse.GetValue(prefix), parse.GetValue(options.Json));
            if ((one is null) == (start is null)) throw CliException.Usage("watch what? Name a KEY or a --prefix, one of the two");
            var form = options.Bytes.Form(parse);
            var token = parse.GetValue(after);
            var client = await GossipdbClient.ConnectAsync(options.ClientOptions(parse), stop);
            await using (client)
            {
                try
                {
                    var changes = one is { } only
                        ? client.WatchAsync(only, token, stop)
                        : client.WatchPrefixAsync(start ?? "", token, stop);
                    await foreach (var change in changes)
                    {
                        token = change.Token;
                        terminal.Line(json ? JsonText.OfLine(Document(change, form)) : Text(change, form));
                    }
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    // The way a watch ends.
                }
            }

            if (!json && token is not null) terminal.Remark($"(go on: --after {token})");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static string Text(KeyChange change, ByteForm form) => change.Kind switch
    {
        KeyChangeKind.Value => $"{form.Line(change.KeyBytes)}\t{ValueOutput.NameOf(change.Type)}\t{ValueOutput.Line(change.Value!, form)}",
        KeyChangeKind.LargeValue =>
            $"{form.Line(change.KeyBytes)}\t{ValueOutput.NameOf(change.Type)}\t(too large to be told: 'gossipdb get' reads it)",
        KeyChangeKind.Deleted => $"{form.Line(change.KeyBytes)}\tdeleted",
        _ => "(reset: some keys told before may be gone; those there are follow)",
    };

    // One line a change, in JSON too, so that whoever reads along need not wait for an end.
    private static JsonObject Document(KeyChange change, ByteForm form) => new()
    {
        ["change"] = change.Kind switch
        {
            KeyChangeKind.Value => "value",
            KeyChangeKind.LargeValue => "large value",
            KeyChangeKind.Deleted => "deleted",
            _ => "reset",
        },
        ["key"] = change.Kind == KeyChangeKind.Reset ? null : form.Whole(change.KeyBytes),
        ["type"] = change.Type == StoredType.None ? null : ValueOutput.NameOf(change.Type),
        ["value"] = ValueOutput.Json(change.Value, form),
        ["token"] = change.Token.ToString(),
    };
}
