using System.Globalization;

namespace Gossipdb.Lab.Expectations;

/// <summary>Of which calls, or of which check, a figure is.</summary>
public sealed record FigureScope
{
    /// <summary>Calls at this level; null for any.</summary>
    public string? Level { get; init; }

    /// <summary>Calls of this side.</summary>
    public string? Side { get; init; }

    /// <summary>Calls of this group of callers.</summary>
    public string? Group { get; init; }

    /// <summary>Calls on objects of this type.</summary>
    public string? Type { get; init; }

    /// <summary>Calls on keys that begin so.</summary>
    public string? Key { get; init; }

    /// <summary>Calls that ended with this error.</summary>
    public string? Error { get; init; }

    /// <summary>What this node said of itself.</summary>
    public int? Node { get; init; }

    /// <summary>Only reads, or only writes; null for both.</summary>
    public bool? IsRead { get; init; }

    /// <summary>In this phase; null for the whole run.</summary>
    public string? Phase { get; init; }

    /// <summary>The check's name, of figures of a check.</summary>
    public string? Check { get; init; }

    /// <summary>As an expectation writes it.</summary>
    public override string ToString()
    {
        string?[] parts =
        [
            Check, Level, IsRead switch { true => "reads", false => "writes", null => null }, Word("side", Side), Word("group", Group),
            Word("type", Type), Word("key", Key), Word("error", Error), Word("node", Node?.ToString(CultureInfo.InvariantCulture)),
            Word("in", Phase),
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    private static string? Word(string name, string? value) => value is null ? null : $"{name} {value}";
}
