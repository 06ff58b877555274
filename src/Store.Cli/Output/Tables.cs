using Spectre.Console;

namespace Gossipdb.Cli.Output;

/// <summary>Tables that look alike, and whose cells are text, never markup: what users store must not colour the terminal.</summary>
internal static class Tables
{
    public static Table New(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns) table.AddColumn(new TableColumn(new Text(column)));
        return table;
    }

    public static void AddTextRow(this Table table, params IEnumerable<string> cells) =>
        table.AddRow(cells.Select(static cell => new Text(Printable(cell))));

    // Control characters in a key or value must not reach the terminal either.
    private static string Printable(string cell) =>
        cell.Any(static letter => char.IsControl(letter) && letter != '\n')
            ? string.Concat(cell.Select(static letter =>
                char.IsControl(letter) && letter != '\n' ? ByteForm.Escaped.Line(letter.ToString()) : letter.ToString()))
            : cell;
}
