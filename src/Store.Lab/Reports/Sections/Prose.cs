using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>What all sections are made of.</summary>
internal static class Prose
{
    /// <summary>A section with its heading.</summary>
    public static Element Section(string id, string heading, params IEnumerable<Node> content) =>
        new Element("section", [new Element("h2", heading).With("id", id), .. content]).With("aria-labelledby", id);

    /// <summary>A paragraph.</summary>
    public static Element Text(params IEnumerable<Node> content) => new("p", content);

    /// <summary>What a section teaches, below its picture.</summary>
    public static Element Lesson(params IEnumerable<Node> content) => new Element("p", content).Class("lesson");

    /// <summary>A word of the store, a key or a value: it stands by itself, whatever direction its letters run.</summary>
    public static Element Code(string text) => new("code", new Element("bdi", text));

    /// <summary>A table with its head.</summary>
    public static Element Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<Node>> rows, string style = "numbers")
    {
        var titles = new Element("tr", head.Select(static title => (Node)new Element("th", title).With("scope", "col")));
        var body = new Element("tbody", rows.Select(static row => (Node)new Element("tr", row.Select(Cell))));
        return new Element("div", new Element("table", new Element("thead", titles), body).Class(style)).Class("scroll");
    }

    private static Node Cell(Node content, int index) =>
        index == 0 ? new Element("th", content).With("scope", "row") : new Element("td", content);

    /// <summary>Words with commas and an "and".</summary>
    public static string List(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "",
        1 => words[0],
        _ => $"{string.Join(", ", words.Take(words.Count - 1))} and {words[^1]}",
    };

    /// <summary>"1 call", "2 calls".</summary>
    public static string Plural(long count, string one, string? many = null) =>
        $"{Shown.Count(count)} {(count == 1 ? one : many ?? one + "s")}";
}
