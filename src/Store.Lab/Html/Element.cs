using System.Globalization;

namespace Gossipdb.Lab.Html;

/// <summary>
/// An element of HTML or SVG. It takes no attribute that runs code or fetches anything, so a page made of elements refers to nothing
/// outside itself, whatever keys and values it shows.
/// </summary>
internal sealed class Element : Node
{
    private static readonly HashSet<string> Void = ["br", "col", "hr", "link", "meta"];

    private readonly string _name;
    private readonly List<(string Name, string Value)> _attributes = [];
    private readonly List<Node> _children;

    /// <summary>An element with what is in it.</summary>
    public Element(string name, params IEnumerable<Node> children)
    {
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException($"'{name}' is no element's name", nameof(name));
        _name = name;
        _children = [.. children];
    }

    /// <summary>What is in it.</summary>
    public IReadOnlyList<Node> Children => _children;

    /// <summary>Adds an attribute and returns the element.</summary>
    /// <exception cref="ArgumentException">The attribute could run code or fetch something.</exception>
    public Element With(string name, string value)
    {
        var isName = name.Length > 0 && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-');
        var fetches = name is "src" or "srcset" or "style" or "action" or "formaction" or "data" or "poster"
            || name.StartsWith("on", StringComparison.OrdinalIgnoreCase)
            || (name == "href" && !value.StartsWith('#'));
        if (!isName || fetches) throw new ArgumentException($"an element of a report takes no attribute {name}=\"{value}\"", nameof(name));
        _attributes.Add((name, value));
        return this;
    }

    /// <summary>Adds an attribute that is a number.</summary>
    public Element With(string name, double value) => With(name, value.ToString("0.##", CultureInfo.InvariantCulture));

    /// <summary>Adds an attribute that is a share of the width, 0 to 1.</summary>
    public Element WithShare(string name, double share) =>
        With(name, (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + "%");

    /// <summary>Adds a class.</summary>
    public Element Class(string name) => With("class", name);

    /// <summary>Adds something behind what is in it, and returns the element.</summary>
    public Element Add(params IEnumerable<Node> children)
    {
        _children.AddRange(children);
        return this;
    }

    public override void WriteTo(TextWriter to)
    {
        to.Write('<');
        to.Write(_name);
        foreach (var (name, value) in _attributes)
        {
            to.Write(' ');
            to.Write(name);
            to.Write("=\"");
            TextNode.Encoder.Encode(to, value);
            to.Write('"');
        }

        to.Write('>');
        if (Void.Contains(_name)) return;
        foreach (var child in _children) child.WriteTo(to);
        to.Write("</");
        to.Write(_name);
        to.Write('>');
    }
}
