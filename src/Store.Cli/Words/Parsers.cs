using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Gossipdb.Client;

namespace Gossipdb.Cli.Words;

/// <summary>
/// From words on a command line to values, with one clear line where a word is none. Throws <see cref="FormatException"/>.
/// </summary>
internal static class Parsers
{
    private const double DayMs = 86_400_000;

    // The longest life of a key, as nodes take it: a year has 365.25 days.
    private const double ThousandYearsMs = 365_250 * DayMs;

    private const string SloppySuffix = "-sloppy";

    public static Write WriteLevel(string text) => text.EndsWith(SloppySuffix, StringComparison.OrdinalIgnoreCase)
        ? StrictWrite(text[..^SloppySuffix.Length]).Sloppy
        : StrictWrite(text);

    public static Read ReadLevel(string text) => text.EndsWith(SloppySuffix, StringComparison.OrdinalIgnoreCase)
        ? StrictRead(text[..^SloppySuffix.Length]).Sloppy
        : StrictRead(text);

    private static Write StrictWrite(string text) => text.ToLowerInvariant() switch
    {
        "one" => Write.One,
        "two" => Write.Two,
        "quorum" => Write.Quorum,
        "all" => Write.All,
        _ => Write.Replicas(ReplicaCount(text)),
    };

    private static Read StrictRead(string text) => text.ToLowerInvariant() switch
    {
        "one" => Read.One,
        "two" => Read.Two,
        "quorum" => Read.Quorum,
        "all" => Read.All,
        _ => Read.Replicas(ReplicaCount(text)),
    };

    public static Durability DurabilityOf(string text) => text.ToLowerInvariant() switch
    {
        "journal" => Durability.Journal,
        "memory" => Durability.Memory,
        _ => throw new FormatException($"'{text}' is neither 'journal' nor 'memory'"),
    };

    /// <summary>"500ms", "2s" or "1m".</summary>
    public static TimeSpan Duration(string text)
    {
        const string Example = "write 500ms, 2s or 1m";
        if (text is [.., 'h' or 'd']) throw new FormatException($"'{text}' is no time: {Example}");
        return Time(text, Example, DayMs, "a day");
    }

    /// <summary>As a duration, and "12h" or "7d"; as long as nodes take.</summary>
    public static TimeSpan Lifetime(string text) => Time(text, "write 500ms, 30s, 15m, 12h or 7d", ThousandYearsMs, "a thousand years");

    /// <summary>A moment as ISO 8601 has it, in UTC unless it says otherwise, or Unix milliseconds.</summary>
    public static DateTimeOffset Moment(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var unixMs) && unixMs <= 253_402_300_799_999)
            return DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : throw new FormatException($"'{text}' is no time: write 2026-01-31T12:00:00Z, or Unix milliseconds");
    }

    public static Func<string, int> Integer(int min, int max) => text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"'{text}' is not a whole number from {min} to {max}");

    /// <summary>A place, counted from 0.</summary>
    public static int Index(string text) => Integer(0, int.MaxValue)(text);

    /// <summary>How many, at least one.</summary>
    public static int Count(string text) => Integer(1, int.MaxValue)(text);

    public static long Amount(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount)
            ? amount
            : throw new FormatException($"'{text}' is not a whole number from {long.MinValue} to {long.MaxValue}");

    /// <summary>An option whose one word goes through a parser.</summary>
    public static Option<T> Option<T>(string name, string description, string helpName, Func<string, T> parse, Func<T>? byDefault = null)
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = helpName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Parse(result, name, parse),
        };
        if (byDefault is not null) option.DefaultValueFactory = _ => byDefault();
        return option;
    }

    /// <summary>An option that may be given again, each time with one word that goes through a parser.</summary>
    public static Option<T[]> Repeated<T>(string name, string description, string helpName, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            try
            {
                return [.. result.Tokens.Select(token => parse(token.Value))];
            }
            catch (FormatException problem)
            {
                result.AddError($"{name}: {problem.Message}");
                return [];
            }
        },
    };

    /// <summary>"KEY=VALUE" as a line of a node's configuration; the value is a text, whatever is in it.</summary>
    public static string Setting(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? "" : text[..equals].Trim();
        if (key.Length == 0 || !key.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-'))
            throw new FormatException($"'{text}' is no setting: write KEY=VALUE, gossipdb.journal.size=128MiB say");
        var value = text[(equals + 1)..].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"{key} = \"{value}\"";
    }

    /// <summary>An argument whose one word, where it is given, goes through a parser.</summary>
    public static Argument<T> Argument<T>(string name, string description, Func<string, T> parse, Func<T> byDefault) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => Parse(result, name, parse),
        DefaultValueFactory = _ => byDefault(),
    };

    /// <summary>An argument whose one word must be given, and goes through a parser.</summary>
    public static Argument<T> Required<T>(string name, string description, Func<string, T> parse) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Parse(result, name, parse),
    };

    private static TimeSpan Time(string text, string example, double mostMs, string most)
    {
        var (digits, unit) = text switch
        {
            [.., 'm', 's'] => (text[..^2], TimeSpan.FromMilliseconds(1)),
            [.., 's'] => (text[..^1], TimeSpan.FromSeconds(1)),
            [.., 'm'] => (text[..^1], TimeSpan.FromMinutes(1)),
            [.., 'h'] => (text[..^1], TimeSpan.FromHours(1)),
            [.., 'd'] => (text[..^1], TimeSpan.FromDays(1)),
            _ => throw new FormatException($"'{text}' has no unit: {example}"),
        };
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            throw new FormatException($"'{text}' is no time: {example}");
        var milliseconds = count * unit.TotalMilliseconds;
        return milliseconds >= 1 && milliseconds <= mostMs
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new FormatException($"'{text}' is not between a millisecond and {most}");
    }

    private static T? Parse<T>(ArgumentResult result, string name, Func<string, T> parse)
    {
        try
        {
            return parse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "");
        }
        catch (FormatException problem)
        {
            result.AddError($"{name}: {problem.Message}");
            return default;
        }
    }

    private static int ReplicaCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1_000
            ? count
            : throw new FormatException($"'{text}' is none of one, two, quorum, all, or a number of replicas from 1 up");
}
