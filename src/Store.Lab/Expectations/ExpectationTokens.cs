namespace Gossipdb.Lab.Expectations;

/// <summary>An expectation makes no sense.</summary>
/// <param name="message">What is wrong, and what would be right.</param>
/// <param name="position">Where, from 0, in the expectation's text.</param>
internal sealed class ExpectationFormatException(string message, int position) : FormatException(message)
{
    public int Position { get; } = position;
}

/// <summary>A word, a number with its unit, or a sign of an expectation.</summary>
internal readonly record struct ExpectationToken(ExpectationTokenKind Kind, string Text, int Position);

internal enum ExpectationTokenKind
{
    Word,
    Number,
    Sign,
    End,
}

/// <summary>Cuts an expectation into words, numbers and signs.</summary>
internal static class ExpectationTokens
{
    private static readonly string[] Signs = ["<=", ">=", "!=", "=", "<", ">", "+", "*", "/", "-", "(", ")", ","];

    public static IReadOnlyList<ExpectationToken> Of(string text)
    {
        var tokens = new List<ExpectationToken>();
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var token = Next(text, at);
            tokens.Add(token);
            at += token.Text.Length;
        }

        tokens.Add(new(ExpectationTokenKind.End, "", text.Length));
        return tokens;
    }

    private static ExpectationToken Next(string text, int at)
    {
        var end = at;
        if (char.IsAsciiDigit(text[at]))
        {
            while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
            return new(ExpectationTokenKind.Number, text[at..end], at);
        }

        // A dash inside a word is part of it: quorum-sloppy. A difference has blanks around its sign.
        while (end < text.Length && IsOfWord(text[end], isFirst: end == at)) end++;
        if (end > at) return new(ExpectationTokenKind.Word, text[at..end], at);
        var sign = Signs.FirstOrDefault(one => text.AsSpan(at).StartsWith(one, StringComparison.Ordinal));
        return sign is not null
            ? new(ExpectationTokenKind.Sign, sign, at)
            : throw new ExpectationFormatException($"'{text[at]}' means nothing here", at);
    }

    private static bool IsOfWord(char c, bool isFirst) => char.IsLetterOrDigit(c) || c == '%' || (!isFirst && c is '-' or '_' or ':');
}
