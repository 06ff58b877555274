using System.CommandLine;
using System.CommandLine.Invocation;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>
/// One change of a batch in words: those of the command that makes the change alone. The line is parsed as that command's, and the
/// command's own call is collected,
/// so that what is refused alone is refused in a batch.
/// </summary>
internal sealed class BatchLine(CommonOptions options, DataCommands data, Command root)
{
    /// <summary>"counter incr KEY [N]": a command that writes, with what it takes.</summary>
    public static string FormOf(Command command) =>
        $"{UsageCheck.NameOf(command)} {string.Join(' ', command.Arguments.Select(static argument => FormOf(argument)))}";

    /// <summary>Adds the change a line says.</summary>
    /// <exception cref="CliException">The line says none, or one that is refused; the message quotes it.</exception>
    public void Add(Batch batch, string line)
    {
        var parse = UsageCheck.Parse(root, Words(line));
        if (UsageCheck.ProblemOf(parse) is { } problem) throw Refuse(line, problem);
        var command = parse.CommandResult.Command;
        if (data.WriteOf(command) is not { } write || parse.Action is SynchronousCommandLineAction)
            throw Refuse(line, "it changes nothing; 'gossipdb batch --help' lists the changes there are");
        Option[] common = [options.W, options.Durability, options.Session, .. options.Connection];
        if (common.FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } once)
            throw Refuse(line, $"{once.Name} is for the batch as a whole; write it behind batch");
        var (key, path) = (parse.GetRequiredValue(options.Key), parse.GetValue(options.Field) ?? []);
        var asked = Write.Default with { Lifetime = parse.GetValue(options.Expires) };
        try
        {
            batch.Collect(store => write(new DataCall(store, parse, key, Read.Default, asked, CancellationToken.None)
            {
                Path = path,
                Form = options.Bytes.Form(parse),
            }));
        }
        catch (GossipdbException refused)
        {
            throw new CliException($"'{line}': {refused.Message}", Failure.Of(refused).Exit);
        }
    }

    private static List<string> Words(string line)
    {
        try
        {
            return ShellWords.Split(line);
        }
        catch (FormatException problem)
        {
            throw Refuse(line, problem.Message);
        }
    }

    private static CliException Refuse(string line, string problem) => CliException.Usage($"'{line}': {problem}");

    private static string FormOf(Argument argument)
    {
        var many = argument.Arity.MaximumNumberOfValues > 1 ? "…" : "";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}{many}]" : $"{argument.Name}{many}";
    }
}
