using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Load;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>batch</c> and <c>mget</c>: calls on several keys at once.</summary>
internal static class SeveralKeysCommands
{
    public static Command Batch(CommonOptions options, Terminal terminal, DataCommands data)
    {
        var changes = new Argument<string[]>("CHANGE")
        {
            Description = "A change each, quoted, in the words of the command that makes it alone: \"counter incr {cart:7}total 3\"; none: "
                + "a line each of the standard input. "
                + ShellWords.Rules
                + $" There are: {string.Join("; ", data.Writes.Select(BatchLine.FormOf))}",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("batch", "Change several keys of one partition, which share the part in braces, all or none")
        {
            changes, options.Expires, options.W, options.Durability, options.Session,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            IReadOnlyList<string> lines = parse.GetValue(changes) is { Length: > 0 } given
                ? given
                : await BatchInput.LinesAsync(terminal.Input, stop);
            await ClientCall.RunAsync(options, parse, stop, async (store, left) =>
            {
                var batch = store.Batch();
                var reader = new BatchLine(options, data, parse.RootCommandResult.Command);
                foreach (var line in lines) reader.Add(batch, line);
                var write = options.WriteConsistency(parse, left);
                var receipt = await batch.ExecuteAsync(write, stop);
                if (parse.GetValue(options.Json))
                    terminal.Json(new JsonObject { ["changes"] = batch.Count, ["receipt"] = ValueOutput.Json(receipt) });
                else terminal.Line(ValueOutput.Acked(receipt, write));
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static Command Get(CommonOptions options, Terminal terminal)
    {
        var keys = options.Bytes.Several("KEY", "The keys; those that share the part in braces are read at one moment");
        var command = new Command("mget", "Print what several keys hold, of whatever types")
        {
            keys,
            options.R,
            options.Within,
            options.Bytes.Hex,
            options.Session,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            await ClientCall.RunAsync(options, parse, stop, async (store, left) =>
            {
                var form = options.Bytes.Form(parse);
                var names = parse.GetRequiredValue(keys);
                var read = await store.ReadManyAsync(names, options.ReadConsistency(parse, left), stop);
                if (parse.GetValue(options.Json)) terminal.Json(Document(names, read, form));
                else foreach (var name in names)
                    terminal.Line($"{form.Line(name)}: {(read.Values[name] is { } value ? ValueOutput.Line(value, form) : "(nothing)")}");
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

        return new JsonObject
        {
            ["values"] = values,
            ["receipts"] = new JsonArray([.. read.Receipts.Select(static receipt => (JsonNode)ValueOutput.Json(receipt))]),
        };
    }
}
