using System.Globalization;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

/// <summary>A path of a document (RFC 6901): field names and array indices from the root.</summary>
internal readonly struct JsonPointer
{
    private readonly string _text;

    /// <exception cref="ArgumentException">Not a JSON Pointer, or deeper than documents nest.</exception>
    internal JsonPointer(string text)
    {
        _text = text;
        if (text.Length > 0 && text[0] != '/') throw Refusal("is not a JSON Pointer: it is empty or begins with '/', as in /orders/0/name");
        Parts = text.Length == 0 ? [] : text[1..].Split('/');
        if (Parts.Length > CrdtTypes.MaxDepth) throw Refusal($"is deeper than {CrdtTypes.MaxDepth}");
        for (var i = 0; i < Parts.Length; i++) Parts[i] = Unescape(Parts[i]);
    }

    internal string[] Parts { get; }

    internal Bytes Field(int depth) => Bytes.FromText(Parts[depth]);

    /// <summary>The part as an index of an array of this length; -1 where it is none.</summary>
    internal int Index(int depth, int count) =>
        int.TryParse(Parts[depth], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < count
            && (Parts[depth].Length == 1 || Parts[depth][0] != '0')
            ? index
            : -1;

    internal ArgumentException Refusal(string why) => new($"the path '{_text}' {why}");

    private string Unescape(string part)
    {
        for (var i = part.IndexOf('~'); i >= 0; i = part.IndexOf('~', i + 1))
        {
            if (i + 1 == part.Length || part[i + 1] is not ('0' or '1'))
                throw Refusal("is not a JSON Pointer: '~' must be followed by 0 or 1");
        }

        return part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
    }
}
