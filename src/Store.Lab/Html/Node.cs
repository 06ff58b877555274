namespace Gossipdb.Lab.Html;

/// <summary>A part of a page. A text becomes one by itself, and is escaped when it is written.</summary>
internal abstract class Node
{
    public static implicit operator Node(string? text) => new TextNode(text ?? "");

    /// <summary>Writes the part.</summary>
    public abstract void WriteTo(TextWriter to);

    /// <summary>The part as a text.</summary>
    public sealed override string ToString()
    {
        using var text = new StringWriter();
        WriteTo(text);
        return text.ToString();
    }
}
