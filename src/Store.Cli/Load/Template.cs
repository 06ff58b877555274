using System.Globalization;
using System.Text;

namespace Gossipdb.Cli.Load;

/// <summary>
/// Text with columns in it: <c>from:{2}</c> is "from:" and the row's third column, since columns are counted from zero; where the file
/// has a header,
/// <c>from:{city}</c> is the column of that name. <c>{{</c> and <c>}}</c> stand for the braces themselves.
/// </summary>
internal sealed class Template
{
    // A literal, or a column by its name, or a column by its place.
    private readonly record struct Part(string? Literal, string? Name, int Column);

    private readonly string _text;
    private readonly Part[] _parts;

    private Template(string text, Part[] parts) => (_text, _parts) = (text, parts);

    /// <exception cref="FormatException">Some brace does not hold a column.</exception>
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
                if (end < 0)
                    throw new FormatException($"'{text}' has a brace without its other half; write {{{{ or }}}} for the brace itself");
                if (literal.Length > 0) parts.Add(new Part(literal.ToString(), null, 0));
                literal.Clear();
                parts.Add(ParseColumn(text[(i + 1)..end], text));
                i = end;
            }
        }

        if (literal.Length > 0) parts.Add(new Part(literal.ToString(), null, 0));
        return new Template(text, [.. parts]);
    }

    /// <summary>The same, with every column by its place.</summary>
    /// <param name="header">What the columns are called; null where the file has no header.</param>
    /// <exception cref="FormatException">There is no column of some name, or there are two.</exception>
    public Template Bind(string[]? header) =>
        new(_text, [.. _parts.Select(part => part.Name is null ? part : new Part(null, null, Place(part.Name, header)))]);

    /// <summary>Puts a row's columns in; <see cref="Bind"/> was called before.</summary>
    /// <param name="row">The row's columns.</param>
    /// <param name="nullText">What stands for no value.</param>
    /// <param name="rendered">The text.</param>
    /// <param name="missing">The column the row lacks, where it is malformed.</param>
    public Rendering Render(string[] row, string nullText, out string rendered, out int missing)
    {
        (rendered, missing) = ("", 0);
        foreach (var (literal, _, column) in _parts)
        {
            if (literal is null && column >= row.Length)
            {
                missing = column;
                return Rendering.Malformed;
            }

            if (literal is null && row[column] == nullText) return Rendering.Null;
        }

        rendered = string.Concat(_parts.Select(part => part.Literal ?? row[part.Column]));
        return Rendering.Done;
    }

    /// <summary>The column that is the whole template; null where it is more or less than one.</summary>
    public int? OnlyColumn => _parts is [{ Literal: null, Column: var column }] ? column : null;

    private static Part ParseColumn(string column, string text)
    {
        if (column.Length == 0)
        {
            throw new FormatException(
                $"'{text}': {{}} names no column; write its number, counted from zero, as in {{0}}, or with --header its name");
        }

        return int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new Part(null, null, place)
            : new Part(null, column, 0);
    }

    private int Place(string name, string[]? header)
    {
        if (header is null)
            throw new FormatException($"'{_text}': {{{name}}} is no column; write its number, counted from zero, as in {{0}}, or give "
                + "--header where the first row names the columns");
        var place = Array.IndexOf(header, name);
        if (place < 0) throw new FormatException($"'{_text}': there is no column '{name}'; the header names {string.Join(", ", header)}");
        if (Array.LastIndexOf(header, name) != place)
            throw new FormatException($"'{_text}': the header names two columns '{name}'; write the number of one, counted from zero");
        return place;
    }
}
