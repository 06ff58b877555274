using Spectre.Console.Rendering;

namespace Gossipdb.Cli.Top;

/// <summary>What a line means, as a colour.</summary>
internal enum Tone
{
    Plain,
    Faint,
    Title,
    Good,
    Warning,
    Bad,
}

/// <summary>A line of the picture.</summary>
/// <param name="Text">What it says; null where it is empty.</param>
/// <param name="Tone">What it means.</param>
internal readonly record struct TopLine(string? Text, Tone Tone = Tone.Plain)
{
    /// <summary>The line as far as it fits.</summary>
    public TopLine CutTo(int width)
    {
        if (Text is null || Columns(Text) <= width) return this;
        var cut = Text;
        while (cut.Length > 0 && Columns(cut) >= width) cut = cut[..^1];

        // Half of a pair of surrogates is no character.
        return this with { Text = (cut.Length > 0 && char.IsHighSurrogate(cut[^1]) ? cut[..^1] : cut) + "…" };
    }

    /// <summary>How many columns of a terminal a text takes.</summary>
    public static int Columns(string text) => System.Text.Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();
}

/// <summary>
/// Columns of text without borders: what there is to see has little room. Columns whose names begin with "&lt;" are text.
/// </summary>
internal sealed class TextTable(params string[] columns)
{
    private const string Gap = "  ";
    private readonly List<(string[] Cells, Tone Tone)> _rows = [];

    public int Count => _rows.Count;

    public void Add(Tone tone, params string[] cells) => _rows.Add((cells, tone));

    /// <summary>The heading and the rows; where there are more rows than fit, the last line tells how many.</summary>
    /// <param name="most">Lines at most, the heading included.</param>
    public IEnumerable<TopLine> Lines(int most)
    {
        if (most < 2) yield break;
        var shown = _rows.Count < most ? _rows.Count : most - 2;
        var widths = new int[columns.Length];
        for (var i = 0; i < widths.Length; i++)
        {
            widths[i] = Name(i).Length;
            for (var row = 0; row < shown; row++) widths[i] = Math.Max(widths[i], TopLine.Columns(_rows[row].Cells[i]));
        }

        yield return new TopLine(Line([.. columns.Select((_, i) => Name(i))], widths), Tone.Faint);
        for (var row = 0; row < shown; row++) yield return new TopLine(Line(_rows[row].Cells, widths), _rows[row].Tone);
        if (shown < _rows.Count) yield return new TopLine($"… and {_rows.Count - shown} more", Tone.Faint);
    }

    private bool IsText(int column) => columns[column].StartsWith('<');

    private string Name(int column) => IsText(column) ? columns[column][1..] : columns[column];

    private string Line(string[] cells, int[] widths) =>
        string.Join(Gap, cells.Select((cell, i) =>
        {
            var room = new string(' ', Math.Max(0, widths[i] - TopLine.Columns(cell)));
            return IsText(i) ? cell + room : room + cell;
        })).TrimEnd();
}
