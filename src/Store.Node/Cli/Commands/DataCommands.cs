using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Commands;

/// <summary>One command's call: a connected client, and what the command line says.</summary>
internal sealed record DataCall(GossipdbClient Client, ParseResult Parse, string Key, Read Read, Write Write, CancellationToken Stop)
{
    public T Get<T>(Argument<T> argument) => Parse.GetRequiredValue(argument);

    public bool Has(Option<bool> option) => Parse.GetValue(option);
}

/// <summary>How an answer is told: its lines for people, its JSON for programs, and what to remark where there is nothing.</summary>
internal sealed record Answer(IEnumerable<string> Lines, JsonNode? Json, string? Type = null, string? WhenEmpty = null);

/// <summary>Makes the commands that read or write one key: they differ in what they call and in how they tell the answer, and in nothing else.</summary>
internal sealed class DataCommands(CommonOptions options, Terminal terminal)
{
    public Command Write(string name, string description, IEnumerable<Symbol> symbols, Func<DataCall, Task<Receipt>> execute)
    {
        var command = Create(name, description, symbols, [options.W, options.Durability]);
        command.SetAction((parse, stop) => RunAsync(parse, stop, async call =>
        {
            var receipt = await execute(call);
            if (parse.GetValue(options.Json)) terminal.Json(new JsonObject { ["key"] = call.Key, ["receipt"] = ValueOutput.Json(receipt) });
            else terminal.Line(ValueOutput.Acked(receipt, call.Write));
        }));
        return command;
    }

    public Command Read<T>(
        string name, string description, IEnumerable<Symbol> symbols, Func<DataCall, Task<Result<T>>> execute, Func<DataCall, T, Answer> tell)
    {
        var command = Create(name, description, symbols, [options.R]);
        command.SetAction((parse, stop) => RunAsync(parse, stop, async call =>
        {
            var (value, receipt) = await execute(call);
            var answer = tell(call, value);
            if (parse.GetValue(options.Json)) terminal.Json(Document(call, answer, receipt));
            else Print(answer);
        }));
        return command;
    }

    private static JsonObject Document(DataCall call, Answer answer, Receipt receipt)
    {
        var document = new JsonObject { ["key"] = call.Key };
        if (answer.Type is { } type) document["type"] = type;
        document["value"] = answer.Json;
        document["receipt"] = ValueOutput.Json(receipt);
        return document;
    }

    private Command Create(string name, string description, IEnumerable<Symbol> symbols, IEnumerable<Option> consistency)
    {
        var command = new Command(name, description) { options.Key };
        foreach (var symbol in symbols)
        {
            if (symbol is Option option) command.Add(option);
            else command.Add((Argument)symbol);
        }

        foreach (var option in consistency.Concat(options.Connection)) command.Add(option);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken stop, Func<DataCall, Task> body)
    {
        var client = await GossipdbClient.ConnectAsync(options.ClientOptions(parse), stop);
        await using (client)
        {
            var key = parse.GetRequiredValue(options.Key);
            var read = HasOption(parse, options.R) ? options.ReadConsistency(parse) : Client.Read.Default;
            var write = HasOption(parse, options.W) ? options.WriteConsistency(parse) : Client.Write.Default;
            await body(new DataCall(client, parse, key, read, write, stop));
        }

        return (int)ExitCode.Ok;
    }

    private static bool HasOption(ParseResult parse, Option option) => parse.CommandResult.Command.Options.Contains(option);

    private void Print(Answer answer)
    {
        var any = false;
        foreach (var line in answer.Lines)
        {
            any = true;
            terminal.Line(line);
        }

        if (!any && answer.WhenEmpty is { } remark) terminal.Remark(remark);
    }
}
