using System.CommandLine;
using System.CommandLine.Completions;

namespace Gossipdb.Cli.Completion;

/// <summary>A word that may stand where the cursor is.</summary>
/// <param name="Word">The word.</param>
/// <param name="Description">What it is, in one line.</param>
internal sealed record Candidate(string Word, string Description);

/// <summary>Which words may stand where the cursor is in a command line.</summary>
/// <param name="Words">The words; none where anything may stand there.</param>
/// <param name="IsFile">Whether the name of a file or a directory belongs there: the shell knows those.</param>
internal sealed record Candidates(IReadOnlyList<Candidate> Words, bool IsFile)
{
    private static readonly Candidates None = new([], false);
    private static readonly Candidates Files = new([], true);

    private static readonly string[] FileNames = ["FILE", "DIR", "COPY"];

    private static readonly string[] Levels =
        ["one", "two", "quorum", "all", "one-sloppy", "two-sloppy", "quorum-sloppy", "all-sloppy"];

    /// <summary>Finds them.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="words">The words up to the cursor, without the program's name; the last one is being typed, and may be empty.</param>
    public static Candidates Of(Command root, IReadOnlyList<string> words)
    {
        if (words.Count == 0) return None;
        var current = words[^1];
        var (command, options, given) = (root, OptionsOf(root), 0);
        Option? open = null;
        foreach (var word in words.Take(words.Count - 1))
        {
            if (word == "--") return None;
            if (open is not null)
            {
                open = null;
                continue;
            }

            if (word.StartsWith('-'))
            {
                open = options.FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word));
                if (open is null || open.ValueType == typeof(bool) || open.Arity.MaximumNumberOfValues == 0) open = null;
            }
            else if (given == 0 && command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } inner)
            {
                command = inner;
                options = [.. OptionsOf(inner), .. options.Where(static option => option.Recursive)];
            }
            else given++;
        }

        if (open is not null) return ValuesOf(open, open.HelpName, current);
        if (current.StartsWith('-'))
            return Begin(current, options.Select(static option => new Candidate(option.Name, option.Description ?? "")));
        if (given == 0 && command.Subcommands.Count > 0)
        {
            return Begin(current, command.Subcommands.Where(static sub => !sub.Hidden)
                .Select(static sub => new Candidate(sub.Name, sub.Description ?? "")));
        }

        // The last argument takes all that is left where it takes several.
        var arguments = command.Arguments.Where(static argument => !argument.Hidden).ToList();
        var argument = given < arguments.Count ? arguments[given]
            : arguments is [.., { Arity.MaximumNumberOfValues: > 1 } last] ? last
            : null;
        return argument is null ? None : ValuesOf(argument, argument.HelpName ?? argument.Name, current);
    }

    private static List<Option> OptionsOf(Command command) => [.. command.Options.Where(static option => !option.Hidden)];

    // What the symbol itself offers, or what the name of its value says: "a|b", a level, a file.
    private static Candidates ValuesOf(Symbol symbol, string? valueName, string current)
    {
        var offered = symbol.GetCompletions(CompletionContext.Empty).Where(static item => !item.Label.StartsWith('-'))
            .Select(static item => new Candidate(item.Label, item.Detail ?? ""));
        if (valueName is null) return Begin(current, offered);
        var name = valueName.TrimStart('-');
        if (name == "LEVEL") return Begin(current, Levels.Select(static level => new Candidate(level, "")));
        if (name.Contains('|', StringComparison.Ordinal))
            return Begin(current, name.Split('|').Select(static word => new Candidate(word, "")));
        var isFile = FileNames.Any(end => name.EndsWith(end, StringComparison.Ordinal));
        return isFile ? Files : Begin(current, offered);
    }

    private static Candidates Begin(string current, IEnumerable<Candidate> all) => new(
        [
            .. all.Where(candidate => candidate.Word.StartsWith(current, StringComparison.Ordinal))
                .DistinctBy(static candidate => candidate.Word)
                .OrderBy(static candidate => candidate.Word, StringComparer.Ordinal),
        ],
        IsFile: false);
}
