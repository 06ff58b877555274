using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>
/// Makes the commands that read or write one object: they differ in what they call and in how they tell the answer, and in nothing else.
/// </summary>
internal sealed class DataCommands(CommonOptions options, Terminal terminal)
{
    private readonly Dictionary<Command, Func<DataCall, Task<Receipt>>> _writes = [];

    /// <summary>What says bytes on the command line.</summary>
    public ByteSymbols Bytes => options.Bytes;

    /// <summary>The commands that change something, in the order they were made.</summary>
    public IEnumerable<Command> Writes => _writes.Keys;

    /// <summary>What a command that changes something does with the store; null where the command changes nothing.</summary>
    public Func<DataCall, Task<Receipt>>? WriteOf(Command command) => _writes.GetValueOrDefault(command);

    /// <summary>A command that changes an object, at a key or in a map.</summary>
    public Command Write(string name, string description, IEnumerable<Symbol> symbols, Func<DataCall, Task<Receipt>> execute) =>
        Writing(Create(name, description, symbols, [options.Field, options.Expires, options.W, options.Durability]), execute);

    /// <summary>A command that changes a key, whatever it holds.</summary>
    public Command WriteKey(string name, string description, IEnumerable<Symbol> symbols, Func<DataCall, Task<Receipt>> execute) =>
        Writing(Create(name, description, symbols, [options.W, options.Durability]), execute);

    /// <summary>A command that reads an object, at a key or in a map.</summary>
    public Command Read<T>(
        string name,
        string description,
        IEnumerable<Symbol> symbols,
        Func<DataCall, Task<Result<T>>> execute,
        Func<DataCall, T, Answer> tell) =>
        Reading(Create(name, description, symbols, [options.Field, options.R, options.Within]), execute, tell);

    /// <summary>A command that reads a key, whatever it holds.</summary>
    public Command ReadKey<T>(
        string name,
        string description,
        IEnumerable<Symbol> symbols,
        Func<DataCall, Task<Result<T>>> execute,
        Func<DataCall, T, Answer> tell) =>
        Reading(Create(name, description, symbols, [options.R, options.Within]), execute, tell);

    private Command Writing(Command command, Func<DataCall, Task<Receipt>> execute)
    {
        _writes.Add(command, execute);
        command.SetAction((parse, stop) => RunAsync(parse, stop, async call =>
        {
            var receipt = await execute(call);
            if (parse.GetValue(options.Json)) terminal.Json(Document(call, receipt));
            else terminal.Line(ValueOutput.Acked(receipt, call.Write));
        }));
        return command;
    }

    private Command Reading<T>(Command command, Func<DataCall, Task<Result<T>>> execute, Func<DataCall, T, Answer> tell)
    {
        command.SetAction((parse, stop) => RunAsync(parse, stop, async call =>
        {
            var (value, receipt) = await execute(call);
            var answer = tell(call, value);
            if (parse.GetValue(options.Json)) terminal.Json(Document(call, receipt, answer));
            else Print(answer);
            if (ValueOutput.Remark(receipt) is { } remark) terminal.Remark(remark);
        }));
        return command;
    }

    private static JsonObject Document(DataCall call, Receipt receipt, Answer? answer = null)
    {
        var document = new JsonObject { ["key"] = call.Form.Whole(call.Key) };
        if (call.Path.Count > 0) document["path"] = ValueOutput.Json(call.Path, call.Form);
        if (answer?.Type is { } type) document["type"] = type;
        if (answer is not null) document["value"] = answer.Json;
        document["receipt"] = ValueOutput.Json(receipt);
        return document;
    }

    private Command Create(string name, string description, IEnumerable<Symbol> symbols, IEnumerable<Option> more)
    {
        var command = new Command(name, description) { options.Key };
        foreach (var symbol in symbols)
        {
            if (symbol is Option option) command.Add(option);
            else command.Add((Argument)symbol);
        }

        foreach (var option in more.Append(Bytes.Hex).Append(options.Session).Concat(options.Connection)) command.Add(option);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken stop, Func<DataCall, Task> body)
    {
        var key = parse.GetRequiredValue(options.Key);
        await ClientCall.RunAsync(options, parse, stop, (store, left) =>
        {
            var read = HasOption(parse, options.R) ? options.ReadConsistency(parse, left) : Client.Read.Default;
            var write = HasOption(parse, options.W) ? options.WriteConsistency(parse, left) : Client.Write.Default;
            return body(new DataCall(store, parse, key, read, write, stop)
            {
                Path = parse.GetValue(options.Field) ?? [],
                Form = Bytes.Form(parse),
            });
        });
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

        if (!any && answer.WhenEmpty is { } empty) terminal.Remark(empty);
        if (answer.Remark is { } remark) terminal.Remark(remark);
    }
}
