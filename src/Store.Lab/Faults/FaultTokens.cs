using System.Text;

namespace Gossipdb.Lab.Faults;

/// <summary>A word, and where it begins in the text.</summary>
internal readonly record struct FaultToken(string Text, int Position);

/// <summary>
/// Takes a text apart into words. What is between double quotes is one word, in which a backslash keeps the next character.
/// </summary>
internal static class FaultTokens
{
    /// <exception cref="FaultFormatException">A quote is not closed.</exception>
    public static List<FaultToken> Of(string text)
    {
        var tokens = new List<FaultToken>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var begin = at;
            var word = new StringBuilder();
            var quoted = false;
            for (; at < text.Length && (quoted || !char.IsWhiteSpace(text[at])); at++)
            {
                if (text[at] == '"') quoted = !quoted;
                else word.Append(quoted && text[at] == '\\' && at + 1 < text.Length ? text[++at] : text[at]);
            }

            if (quoted) throw new FaultFormatException($"the quote at {begin + 1} is not closed", text[begin..], begin);
            tokens.Add(new FaultToken(word.ToString(), begin));
        }

        return tokens;
    }

    /// <summary>A word as the text has it: in quotes where it needs them.</summary>
    public static string Quoted(string word) => word.Length > 0 && !word.Any(static letter => char.IsWhiteSpace(letter) || letter is '"')
        ? word
        : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
