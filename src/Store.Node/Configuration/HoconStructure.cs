namespace Gossipdb.Node.Configuration;

/// <summary>
/// Finds what Akka's HOCON parser lets pass or never returns from: brackets that do not match and texts that do not end. A file cut in
/// the middle must not start a node with half its settings.
/// </summary>
internal static class HoconStructure
{
    /// <summary>The first problem, with its line; null where there is none.</summary>
    public static string? FindProblem(string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when i + 1 < text.Length && text[i + 1] == '/':
                    i = EndOfLine(text, i) - 1;
                    break;
                case '"':
                    var end = EndOfText(text, i);
                    if (end < 0) return $"the text that begins in line {line} does not end";
                    line += text.AsSpan(i, end - i).Count('\n');
                    i = end - 1;
                    break;
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var opened)) return $"the '{text[i]}' in line {line} closes nothing";
                    if (text[i] != Closing(opened.Bracket))
                        return $"the '{opened.Bracket}' of line {opened.Line} is closed by the '{text[i]}' in line {line}";
                    break;
            }
        }

        return open.TryPop(out var left) ? $"the '{left.Bracket}' of line {left.Line} is not closed" : null;
    }

    private static char Closing(char bracket) => bracket == '{' ? '}' : ']';

    private static int EndOfLine(string text, int from)
    {
        var end = text.IndexOf('\n', from);
        return end < 0 ? text.Length : end;
    }

    // The index behind the closing quotes, or -1.
    private static int EndOfText(string text, int from)
    {
        if (string.CompareOrdinal(text, from, "\"\"\"", 0, 3) == 0)
        {
            var triple = text.IndexOf("\"\"\"", from + 3, StringComparison.Ordinal);
            return triple < 0 ? -1 : triple + 3;
        }

        for (var i = from + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i + 1;
        }

        return -1;
    }
}
