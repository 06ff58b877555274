using System.Globalization;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Expectations;

/// <summary>The names that a scenario gives, which its expectations may use.</summary>
internal sealed record ExpectationNames
{
    public IReadOnlyCollection<string> Phases { get; init; } = [];

    public IReadOnlyCollection<string> Sides { get; init; } = [];

    /// <summary>Groups of callers.</summary>
    public IReadOnlyCollection<string> Groups { get; init; } = [];

    /// <summary>Types of objects.</summary>
    public IReadOnlyCollection<string> Types { get; init; } = [];
}

/// <summary>Reads what stands in a figure's parentheses.</summary>
internal static class FigureArguments
{
    private static readonly string[] OfCalls = ["side", "group", "type", "key", "error", "in"];
    private static readonly string[] OfSamples = ["node", "in"];

    public static FigureScope Read(FigureKind kind, FigureScope scope, ExpectationToken argument, ExpectationNames names)
    {
        var (word, rest) = Split(argument.Text);
        return kind.Source switch
        {
            FigureSource.Run => throw new ExpectationFormatException($"'{kind.Name}' is of the whole run: nothing stands in parentheses",
                argument.Position),
            FigureSource.Check => scope with { Check = argument.Text },
            FigureSource.Level => scope with { Level = Level(argument) },
            FigureSource.Phase => scope with { Check = Known("phase", argument, names.Phases) },
            FigureSource.Word => scope with { Check = Known("word", argument, kind.Words) },
            FigureSource.Samples when OfSamples.Contains(word) && rest.Length > 0 => Named(scope, word, rest, argument, names),
            FigureSource.Samples => throw ExpectationParser.Unknown("argument", argument with { Text = word }, OfSamples),
            _ when word == "reads" && rest.Length == 0 => scope with { IsRead = true },
            _ when word == "writes" && rest.Length == 0 => scope with { IsRead = false },
            _ when OfCalls.Contains(word) && rest.Length > 0 => Named(scope, word, rest, argument, names),
            _ when rest.Length > 0 && LevelWord.Parse(word) is null =>
                throw ExpectationParser.Unknown("argument", argument with { Text = word }, OfCalls),
            _ => scope with { Level = Level(argument) },
        };
    }

    private static FigureScope Named(FigureScope scope, string word, string name, ExpectationToken argument, ExpectationNames names)
    {
        var token = argument with { Text = name, Position = argument.Position + argument.Text.Length - name.Length };
        return word switch
        {
            "side" => scope with { Side = Known("side", token, names.Sides) },
            "group" => scope with { Group = Known("group", token, names.Groups) },
            "type" => scope with { Type = Known("type", token, names.Types) },
            "key" => scope with { Key = name },
            "error" => scope with { Error = name },
            "node" => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var node)
                ? scope with { Node = node }
                : throw new ExpectationFormatException($"'{name}' is no node", token.Position),
            _ => scope with { Phase = Known("phase", token, names.Phases) },
        };
    }

    private static string Known(string what, ExpectationToken token, IReadOnlyCollection<string> names) =>
        names.Contains(token.Text) ? token.Text : throw ExpectationParser.Unknown(what, token, names);

    private static string Level(ExpectationToken argument) =>
        LevelWord.Parse(argument.Text)?.Text
        ?? throw ExpectationParser.Unknown("level or argument", argument, [.. LevelWord.Words, "reads", "writes", .. OfCalls]);

    private static (string Word, string Name) Split(string text)
    {
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 ? (text, "") : (text[..blank], text[(blank + 1)..].Trim());
    }
}
