using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Faults;

/// <summary>
/// <c>cut</c>, <c>link</c>, <c>kill</c> … <c>heal</c>: a command of the shell for each word of the vocabulary of faults, which reads the
/// words; and <c>faults</c>, which lists what is in force. Nodes are told over the client's port, which is never cut.
/// </summary>
internal sealed class FaultCommands(CommonOptions options, Terminal terminal)
{
    // The layout has commands of its own, and 'restore' is that of backups too.
    private static readonly string[] Elsewhere = ["add", "remove", "replace", "restore"];

    private readonly FaultOptions _faults = new();

    public IEnumerable<Command> All => [.. FaultWords.All.Where(static word => !Elsewhere.Contains(word.Word)).Select(CommandOf), List()];

    /// <summary>Carries out an order to a process that <c>restore</c> was given.</summary>
    public Task<int> RestoreAsync(ParseResult parse, string node, string from, CancellationToken stop) =>
        OrderAsync(parse, $"restore {node} --from {FaultWords.Quoted(from)}", stop);

    public Option<string> Data => _faults.Data;

    private Command CommandOf(FaultWord word)
    {
        var isOptional = word.Arguments.StartsWith('[');
        var nodes = new Argument<string[]>(isOptional ? word.Arguments[1..^1] : word.Arguments)
        {
            Description = HelpOf(word),
            Arity = isOptional ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        };
        var own = word.Options.ToDictionary(static option => option, static option => option.Value is null
            ? (Option)new Option<bool>(option.Name) { Description = option.Help }
            : new Option<string?>(option.Name) { Description = option.Help, HelpName = option.Value });
        var command = new Command(word.Word, $"{word.Help}, for an experiment") { nodes };
        foreach (var option in own.Values) command.Add(option);
        command.Add(_faults.Data);
        if (word.Needs == FaultNeeds.FaultInjection)
            foreach (var option in options.Connection) command.Add(option);
        else command.Add(options.Json);
        command.SetAction((parse, stop) =>
        {
            var words = TextOf(word, parse.GetValue(nodes) ?? [], own, parse);
            return word.Needs == FaultNeeds.Processes ? OrderAsync(parse, words, stop) : ApplyAsync(parse, words, stop);
        });
        return command;
    }

    private Command List()
    {
        var command = new Command("faults", "List the faults in force: of links, clocks and disks, and nodes that are paused or down")
        {
            _faults.Data,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction(async (parse, stop) =>
        {
            using var connection = await FaultConnection.OpenAsync(options, _faults, parse, stop);
            var faults = await InForceAsync(connection, stop);
            if (parse.GetValue(options.Json)) terminal.Json(FaultReport.Document(connection.Target.Nodes, faults));
            else FaultReport.Print(terminal, connection.Target.Nodes, faults);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private async Task<int> ApplyAsync(ParseResult parse, string words, CancellationToken stop)
    {
        using var connection = await FaultConnection.OpenAsync(options, _faults, parse, stop);
        var command = Parsed(words, await connection.ScopeAsync(words, stop));
        try
        {
            await connection.Injector.ApplyAsync(command, stop);
        }
        catch (FaultException problem)
        {
            throw Refused(problem);
        }

        if (parse.GetValue(options.Json))
            terminal.Json(FaultReport.Document(connection.Target.Nodes, await InForceAsync(connection, stop)));
        else
            terminal.Line(FaultReport.Done(command, connection.Target));
        return (int)ExitCode.Ok;
    }

    private async Task<int> OrderAsync(ParseResult parse, string words, CancellationToken stop)
    {
        var processes = await FaultConnection.ProcessesAsync(_faults, parse, words.Split(' ')[0], stop);
        var nodes = await processes.ProcessesAsync(stop);
        var order = (ProcessCommand)Parsed(words, new FaultScope { Nodes = [.. nodes.Select(static one => one.Node)] });
        var directory = order.Directory is null ? null : Path.GetFullPath(order.Directory);
        await Task.WhenAll(order.Nodes.Select(node => processes.OrderAsync(order.Order, node, directory, stop)));
        var after = await processes.ProcessesAsync(stop);
        if (parse.GetValue(options.Json)) terminal.Json(FaultReport.Processes(after));
        else terminal.Line(FaultReport.Done(order, after));
        return (int)ExitCode.Ok;
    }

    private static async Task<FaultsInForce> InForceAsync(FaultConnection connection, CancellationToken stop)
    {
        try
        {
            return await connection.Injector.InForceAsync(stop);
        }
        catch (FaultException problem)
        {
            throw Refused(problem);
        }
    }

    private static FaultCommand Parsed(string words, FaultScope scope)
    {
        try
        {
            return FaultCommand.Parse(words, scope);
        }
        catch (FaultFormatException problem)
        {
            throw CliException.Usage(problem.Message);
        }
    }

    // The message is the fault's; the exit code that of what was in its way.
    private static CliException Refused(FaultException problem) => new(
        problem.Message,
        problem.InnerException is null ? ExitCode.Error : Failure.Of(problem.InnerException).Exit,
        (problem.InnerException as LocalClusterException)?.Detail);

    // The words as a scenario has them. Arguments may be several words in one, as in '1 -> 2'.
    private static string TextOf(FaultWord word, string[] arguments, Dictionary<FaultOption, Option> own, ParseResult parse)
    {
        // Of "1 -> 2" without quotes a shell leaves "1 -": it takes the rest for a file to write to.
        if (arguments.Any(static argument => argument == "-"))
        {
            throw CliException.Usage(
                $"{word.Word}: your shell took the '>' of an arrow for itself, and may have made a file of that name: write '1 -> 2' in "
                + "quotes, or 1 to 2");
        }

        var given = own.Where(pair => parse.GetResult(pair.Value) is { Implicit: false }).Select(pair => pair.Value is Option<bool>
            ? pair.Key.Name
            : $"{pair.Key.Name} {FaultWords.Quoted(parse.GetValue((Option<string?>)pair.Value) ?? "")}");
        return string.Join(' ', [word.Word, .. arguments, .. given]);
    }

    private static string HelpOf(FaultWord word) => word.Arguments.Trim('[', ']') switch
    {
        "NODE" => "A node's number",
        "NODES" => $"Nodes: 2, or 2,3, or 2-4, as in: {word.Example}",
        _ => $"Groups of nodes, separated by / (both ways) or '->' (one way, in quotes; or 'to'), as in: {word.Example}",
    };
}
