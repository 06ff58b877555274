using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>batch</c> and <c>mget</c>: calls on several keys at once.</summary>
internal static class SeveralKeysCommands
{
    public static Command Batch(CommonOptions options, Terminal terminal)
    {
        var changes = new Argument<string[]>("CHANGE")
        {
            Description = $"A change each, quoted, in the words of its command: \"counter incr {{cart:7}}total 3\"; none: a line each of the input. There are: {string.Join("; ", BatchLine.Known)}",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("batch", "Change several keys of one partition, which share the part in braces, all or none")
        {
            changes, options.Expires, options.W, options.Durability, options.Bytes.Hex, options.Session,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            IReadOnlyList<string> lines = parse.GetValue(changes) is { Length: > 0 } given ? given : await LinesAsync(stop);
            await RunAsync(options, parse, stop, async store =>
            {
                var batch = store.Batch();
                foreach (var line in lines) BatchLine.Add(batch, line, options.Bytes.Form(parse));
                var write = options.WriteConsistency(parse);
                var receipt = await batch.ExecuteAsync(write, stop);
                if (parse.GetValue(options.Json)) terminal.Json(new JsonObject { ["changes"] = batch.Count, ["receipt"] = ValueOutput.Json(receipt) });
                else terminal.Line(ValueOutput.Acked(receipt, write));
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static Command Get(CommonOptions options, Terminal terminal)
    {
        var keys = options.Bytes.Several("KEY", "The keys; those that share the part in braces are read at one moment");
        var command = new Command("mget", "Print what several keys hold, of whatever types") { keys, options.R, options.Within, options.Bytes.Hex, options.Session };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            await RunAsync(options, parse, stop, async store =>
            {
                var form = options.Bytes.Form(parse);
                var names = parse.GetRequiredValue(keys);
                var read = await store.ReadManyAsync(names, options.ReadConsistency(parse), stop);
                if (parse.GetValue(options.Json)) terminal.Json(Document(names, read, form));
                else foreach (var name in names) terminal.Line($"{form.Line(name)}: {(read.Values[name] is { } value ? ValueOutput.Line(value, form) : "(nothing)")}");
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static JsonObject Document(Bytes[] names, ManyValues read, ByteForm form)
    {
        var values = new JsonArray();
        foreach (var name in names)
        {
            var value = read.Values[name];
            values.Add((JsonNode)new JsonObject
            {
                ["key"] = form.Whole(name),
                ["type"] = value is null ? null : ValueOutput.NameOf(value.Type),
                ["value"] = ValueOutput.Json(value, form),
            });
        }

        return new JsonObject { ["values"] = values, ["receipts"] = new JsonArray([.. read.Receipts.Select(static receipt => (JsonNode)ValueOutput.Json(receipt))]) };
    }

    private static async Task RunAsync(CommonOptions options, ParseResult parse, CancellationToken stop, Func<GossipdbStore, Task> body)
    {
        var client = await GossipdbClient.ConnectAsync(options.ClientOptions(parse), stop);
        await using (client) await SessionFile.RunAsync(client, parse.GetValue(options.Session), body);
    }

    // One line, one change; empty lines and remarks after a # are for people.
    private static async Task<List<string>> LinesAsync(CancellationToken stop)
    {
        var lines = new List<string>();
        while (await Console.In.ReadLineAsync(stop) is { } line)
            if (line.Trim() is { Length: > 0 } said && said[0] != '#') lines.Add(said);
        return lines;
    }
}
