using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Gossipdb.Lab.Words;

namespace Gossipdb.Cli.Words;

/// <summary>Says in one line what is wrong with a command line, and what was probably meant.</summary>
internal static class UsageCheck
{
    /// <summary>The words as a command of a root that is there.</summary>
    public static ParseResult Parse(Command root, IReadOnlyList<string> words) =>
        root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });

    /// <summary>The problem with what was parsed; null where there is none.</summary>
    public static string? ProblemOf(ParseResult parse)
    {
        if (parse.Action is SynchronousCommandLineAction { ClearsParseErrors: true } and not ParseErrorAction) return null;
        var command = parse.CommandResult.Command;
        if (StrayWord(parse) is { } stray) return stray;
        if (parse.Action is not ParseErrorAction && parse.Errors.Count == 0) return null;
        if (command.Subcommands.Count > 0) return MissingCommand(command);
        if (parse.UnmatchedTokens is [var extra, ..]) return $"'{NameOf(command)}' does not take '{extra}'; {HelpOf(command)}";
        if (MissingArgument(parse) is { } argument) return $"'{NameOf(command)}' needs {argument}; {HelpOf(command)}";
        return parse.Errors.Count > 0 ? $"{parse.Errors[0].Message.TrimEnd('.')}; {HelpOf(command)}" : null;
    }

    // The parser takes a word it does not know for one more argument, or looks for a command behind it: `set add k --durabilty memory`
    // must not add two elements, and `conter get x` is not the command `get`.
    private static string? StrayWord(ParseResult parse)
    {
        Command command = (RootCommand)parse.RootCommandResult.Command;
        Option? before = null;
        foreach (var token in parse.Tokens)
        {
            if (token.Type == TokenType.DoubleDash) return null;
            var isValue = before is not null && before.ValueType != typeof(bool);
            before = token.Type == TokenType.Option ? command.Options.FirstOrDefault(option => option.Name == token.Value) : null;
            if (token.Type == TokenType.Command)
                command = command.Subcommands.FirstOrDefault(sub => sub.Name == token.Value) ?? command;
            else if (token.Type == TokenType.Argument && !isValue && LooksLikeOption(token.Value))
                return UnknownOption(token.Value, command);
            else if (token.Type == TokenType.Argument && !isValue && command is { Subcommands.Count: > 0, Arguments.Count: 0 })
                return UnknownCommand(token.Value, command);
        }

        return null;
    }

    // A number with its sign, a time, and an arrow do not.
    private static bool LooksLikeOption(string token) => token is ['-', not ((>= '0' and <= '9') or '>'), ..];

    private static string? MissingArgument(ParseResult parse) => parse.CommandResult.Command.Arguments
        .FirstOrDefault(argument => (parse.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues)?.Name;

    private static string UnknownOption(string option, Command command)
    {
        var known = command.Options.Where(static known => !known.Hidden).Select(static known => known.Name);
        return Nearest.Of(option, known) is { } near
            ? $"'{NameOf(command)}' has no option '{option}'; did you mean '{near}'? (a value that begins with a dash goes after --)"
            : $"'{NameOf(command)}' has no option '{option}' (a value that begins with a dash goes after --); {HelpOf(command)}";
    }

    private static string UnknownCommand(string word, Command command)
    {
        var kind = command is RootCommand ? $"unknown command '{word}'" : $"'{NameOf(command)}' has no command '{word}'";
        // "gossipdb version", as other programs have it.
        var option = command.Options.FirstOrDefault(known => known.Name == "--" + word)?.Name;
        return (option ?? Nearest.Of(word, command.Subcommands.Select(static sub => sub.Name))) is { } near
            ? $"{kind}; did you mean '{near}'?"
            : $"{kind}; {HelpOf(command)}";
    }

    private static string MissingCommand(Command command) =>
        $"'{NameOf(command)}' needs one of: {string.Join(", ", command.Subcommands.Select(static sub => sub.Name))}";

    private static string HelpOf(Command command) =>
        command is RootCommand ? "'gossipdb --help' lists the commands" : $"see 'gossipdb {NameOf(command)} --help'";

    /// <summary>"counter incr": the command as it is typed.</summary>
    public static string NameOf(Command command)
    {
        if (command is RootCommand) return "gossipdb";
        var parent = command.Parents.OfType<Command>().FirstOrDefault(static parent => parent is not RootCommand);
        return parent is null ? command.Name : $"{NameOf(parent)} {command.Name}";
    }
}
