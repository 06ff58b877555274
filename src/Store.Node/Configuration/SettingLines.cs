namespace Gossipdb.Node.Configuration;

/// <summary>
/// In which line of a file each setting stands. Akka's parser keeps no lines. This reads keys and brackets only, of a text whose brackets
/// and quotes match (<see cref="HoconStructure"/>).
/// </summary>
internal sealed class SettingLines
{
    private readonly string _text;
    private readonly Dictionary<string, int> _lines = [];
    private readonly Stack<string> _sections = [];
    private int _at;
    private int _line = 1;

    private SettingLines(string text) => _text = text;

    /// <summary>The line of each key, counted from 1; the last one where a key is said several times.</summary>
    public static IReadOnlyDictionary<string, int> Of(string text)
    {
        var lines = new SettingLines(text);
        lines.Read();
        return lines._lines;
    }

    private bool AtEnd => _at >= _text.Length;

    private string Section => _sections.TryPeek(out var section) ? section : string.Empty;

    private void Read()
    {
        while (!AtEnd)
        {
            var letter = _text[_at];
            if (char.IsWhiteSpace(letter) || letter == ',') Step();
            else if (IsComment) SkipLine();
            else if (letter == '{') Open(Section);
            else if (letter == '}') Close();
            else ReadKey();
        }
    }

    private bool IsComment => _text[_at] == '#' || (_text[_at] == '/' && _at + 1 < _text.Length && _text[_at + 1] == '/');

    private void ReadKey()
    {
        var (line, key) = (_line, new System.Text.StringBuilder());
        while (!AtEnd && _text[_at] is not ('=' or ':' or '{' or '}' or '\n') && !IsComment)
        {
            if (_text[_at] == '"') key.Append(ReadQuoted());
            else
            {
                if (_text[_at] != '+') key.Append(_text[_at]);
                Step();
            }
        }

        var name = key.ToString().Trim();
        var path = Section.Length == 0 ? name : $"{Section}.{name}";
        _lines[path] = line;

        // A section's bracket may stand in a line of its own.
        if (!AtEnd && _text[_at] == '\n' && _text.AsSpan(_at).TrimStart() is ['{', ..])
            while (_text[_at] != '{') Step();
        if (AtEnd || _text[_at] is '}' or '\n' || IsComment) return;
        if (_text[_at] != '{') Step();
        SkipValue(path);
    }

    // Up to what ends a value: a line, a comma, or the bracket of the section. A section among it is read.
    private void SkipValue(string path)
    {
        var lists = 0;
        while (!AtEnd)
        {
            var letter = _text[_at];
            if (letter == '"') ReadQuoted();
            else if (letter == '#') SkipLine();
            else if (lists == 0 && letter is '\n' or ',' or '}') return;
            else if (lists == 0 && letter == '{')
            {
                Open(path);
                return;
            }
            else
            {
                lists += letter == '[' ? 1 : letter == ']' ? -1 : 0;
                Step();
            }
        }
    }

    private string ReadQuoted()
    {
        var isTriple = string.CompareOrdinal(_text, _at, "\"\"\"", 0, 3) == 0;
        var begin = _at + (isTriple ? 3 : 1);
        var end = begin;
        if (isTriple) end = _text.IndexOf("\"\"\"", begin, StringComparison.Ordinal);
        else
            while (end < _text.Length && _text[end] != '"') end += _text[end] == '\\' ? 2 : 1;
        if (end < 0 || end > _text.Length) end = _text.Length;
        var content = _text[begin..end];
        _line += content.AsSpan().Count('\n');
        _at = Math.Min(_text.Length, end + (isTriple ? 3 : 1));
        return content;
    }

    private void Open(string section)
    {
        _sections.Push(section);
        Step();
    }

    private void Close()
    {
        _sections.TryPop(out _);
        Step();
    }

    private void SkipLine()
    {
        var end = _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end;
    }

    private void Step()
    {
        if (_text[_at] == '\n') _line++;
        _at++;
    }
}
