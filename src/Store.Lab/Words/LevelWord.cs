using System.Globalization;
using Gossipdb.Client;

namespace Gossipdb.Lab.Words;

/// <summary>A consistency level in the words of histories: <c>one</c>, <c>two</c>, <c>quorum</c>, <c>all</c>, a number, any of them with
/// <c>-sloppy</c>.</summary>
public sealed record LevelWord
{
    private const string SloppyMark = "-sloppy";

    private LevelWord(string text, Read read, Write write) => (Text, Read, Write) = (text, read, write);

    /// <summary>The words a level may be, but for numbers.</summary>
    public static IReadOnlyList<string> Words { get; } =
        ["one", "two", "quorum", "all", "one-sloppy", "two-sloppy", "quorum-sloppy", "all-sloppy"];

    /// <summary>The level where nothing else is said.</summary>
    public static LevelWord Quorum { get; } = Parse("quorum")!;

    /// <summary>Every replica.</summary>
    public static LevelWord All { get; } = Parse("all")!;

    /// <summary>The word.</summary>
    public string Text { get; }

    /// <summary>The level of a read.</summary>
    public Read Read { get; }

    /// <summary>The level of a write.</summary>
    public Write Write { get; }

    /// <summary>A level; null where the word is none.</summary>
    public static LevelWord? Parse(string text)
    {
        var isSloppy = text.EndsWith(SloppyMark, StringComparison.Ordinal);
        var name = isSloppy ? text[..^SloppyMark.Length] : text;
        (Read Read, Write Write)? strict = name switch
        {
            "one" => (Read.One, Write.One),
            "two" => (Read.Two, Write.Two),
            "quorum" => (Read.Quorum, Write.Quorum),
            "all" => (Read.All, Write.All),
            _ when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100 =>
                (Read.Replicas(count), Write.Replicas(count)),
            _ => null,
        };
        return strict is not var (read, write) ? null
            : isSloppy ? new LevelWord(text, read.Sloppy, write.Sloppy)
            : new LevelWord(text, read, write);
    }

    /// <summary>The word.</summary>
    public override string ToString() => Text;
}
