namespace Gossipdb.Lab.Html;

/// <summary>
/// A whole page in one file. Its content security policy lets in its own style sheet and script, by their hashes, and nothing else: not
/// even a hostile value that got past the escaping could run or fetch anything.
/// </summary>
internal sealed class Page(string title, params IEnumerable<Node> body) : Node
{
    public override void WriteTo(TextWriter to)
    {
        var style = EmbeddedCode.Style("report.css");
        var script = EmbeddedCode.Script("report.js");
        var policy = $"default-src 'none'; style-src {style.Hash}; script-src {script.Hash}; base-uri 'none'; form-action 'none'";
        to.Write("<!DOCTYPE html>\n");
        new Element(
            "html",
            new Element(
                "head",
                new Element("meta").With("charset", "utf-8"),
                new Element("meta").With("http-equiv", "Content-Security-Policy").With("content", policy),
                new Element("meta").With("name", "viewport").With("content", "width=device-width, initial-scale=1"),
                new Element("meta").With("name", "color-scheme").With("content", "light dark"),
                new Element("title", title),
                style),
            new Element("body", [.. body, script])).With("lang", "en").WriteTo(to);
        to.Write('\n');
    }
}
