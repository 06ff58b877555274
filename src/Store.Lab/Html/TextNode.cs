using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Gossipdb.Lab.Html;

/// <summary>A text: whatever it holds, a browser shows it and does not read it.</summary>
internal sealed class TextNode(string text) : Node
{
    /// <summary>Escapes what means something in HTML, and control characters; other letters stay what they are.</summary>
    public static HtmlEncoder Encoder { get; } = HtmlEncoder.Create(UnicodeRanges.All);

    public override void WriteTo(TextWriter to) => Encoder.Encode(to, text);
}
