using System.Globalization;
using System.Text;

namespace Gossipdb.Node.Cli.Load;

/// <summary>What became of a template on one row.</summary>
internal enum Rendering
{
    Done,

    /// <summary>A column the template names is null in this row.</summary>
    Null,

    /// <summary>The row has no such column, or what it holds is not what the template needs.</summary>
    Malformed,
}

/// <summary>
/// Text with columns in it: <c>from:{2}</c> is "from:" and the row's third column, since columns are counted from zero. <c>{{</c> and
/// <c>}}</c> stand for the braces themselves.
/// </summary>
internal sealed class Template
{
    private readonly record struct Part(string? Literal, int Column);

    private readonly Part[] _parts;

    private Template(Part[] parts) => _parts = parts;

    /// <exception cref="FormatException">Some brace does not hold a column's number.</exception>
    public static Template Parse(string text)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is not ('{' or '}'))
            {
                literal.Append(letter);
            }
            else if (i + 1 < text.Length && text[i + 1] == letter)
            {
                literal.Append(letter);
                i++;
            }
            else
            {
                var end = letter == '{' ? text.IndexOf('}', i) : -1;
                if (end < 0) throw new FormatException($"'{text}' has a brace without its other half; write {{{{ or }}}} for the brace itself");
                if (literal.Length > 0) parts.Add(new Part(literal.ToString(), 0));
                literal.Clear();
                parts.Add(new Part(null, ParseColumn(text[(i + 1)..end], text)));
                i = end;
            }
        }

        if (literal.Length > 0) parts.Add(new Part(literal.ToString(), 0));
        return new Template([.. parts]);
    }

    /// <summary>Puts a row's columns in.</summary>
    public Rendering Render(string[] row, string nullText, out string rendered)
    {
        rendered = "";
        foreach (var (literal, column) in _parts)
        {
            if (literal is null && column >= row.Length) return Rendering.Malformed;
            if (literal is null && row[column] == nullText) return Rendering.Null;
        }

        rendered = string.Concat(_parts.Select(part => part.Literal ?? row[part.Column]));
        return Rendering.Done;
    }

    private static int ParseColumn(string digits, string text) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var column)
            ? column
            : throw new FormatException($"'{text}': {{{digits}}} is no column; write its number, counted from zero, as in {{0}}");
}
