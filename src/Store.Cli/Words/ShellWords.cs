using System.Text;

namespace Gossipdb.Cli.Words;

/// <summary>Splits a line into words as a POSIX shell does, and expands nothing.</summary>
internal static class ShellWords
{
    /// <summary>The rules in words, for whoever writes such a line.</summary>
    public const string Rules =
        """Words are quoted as in a shell: 'in single quotes nothing is special', "in double quotes \" is a quote and \\ a backslash", """
        + """and outside of quotes a backslash makes the next character plain: json set {cart:7}doc "" '{"a":1}'.""";

    /// <exception cref="FormatException">A quote is not closed, or nothing follows a backslash.</exception>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null; // there from the first character or quote on: '' is a word too
        for (var i = 0; i < line.Length; i++)
        {
            var letter = line[i];
            if (char.IsWhiteSpace(letter))
            {
                if (word is not null) words.Add(word.ToString());
                word = null;
                continue;
            }

            word ??= new StringBuilder();
            switch (letter)
            {
                case '\'':
                    var end = line.IndexOf('\'', i + 1);
                    if (end < 0) throw NotClosed(i);
                    word.Append(line, i + 1, end - i - 1);
                    i = end;
                    break;
                case '"':
                    i = AppendQuoted(line, i, word);
                    break;
                case '\\':
                    if (++i == line.Length) throw new FormatException("nothing follows the backslash at its end");
                    word.Append(line[i]);
                    break;
                default:
                    word.Append(letter);
                    break;
            }
        }

        if (word is not null) words.Add(word.ToString());
        return words;
    }

    // In double quotes a backslash is itself, except before those characters that a shell takes for special there.
    private static int AppendQuoted(string line, int start, StringBuilder word)
    {
        for (var i = start + 1; i < line.Length; i++)
        {
            if (line[i] == '"') return i;
            if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] is ('"' or '\\' or '$' or '`')) i++;
            word.Append(line[i]);
        }

        throw NotClosed(start);
    }

    private static FormatException NotClosed(int at) => new($"the quote at character {at + 1} is not closed");
}
