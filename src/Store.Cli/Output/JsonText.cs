using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gossipdb.Cli.Output;

/// <summary>JSON as people read it: text is printed as text, and only what cannot be printed is escaped.</summary>
internal static class JsonText
{
    private const int UnitLength = 6; // \uD83D

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document on several lines.</summary>
    public static string OfDocument(JsonNode document) => Readable(document.ToJsonString(Indented));

    /// <summary>A document on one line.</summary>
    public static string OfLine(JsonNode document) => Readable(document.ToJsonString(Compact));

    /// <summary>
    /// The same JSON with what can be printed as it is. The writers of the runtime escape every character beyond the basic plane, emoji
    /// above all, whatever encoder
    /// they are given.
    /// </summary>
    public static string Readable(string json)
    {
        var escape = json.IndexOf('\\', StringComparison.Ordinal);
        if (escape < 0) return json;
        var text = new StringBuilder(json.Length);
        var copied = 0;
        for (; escape >= 0; escape = escape < json.Length ? json.IndexOf('\\', escape) : -1)
        {
            if (PairAt(json, escape) is not { } rune)
            {
                escape += 2; // the character behind it may be a backslash, and escapes nothing then
                continue;
            }

            text.Append(json, copied, escape - copied).Append(rune.ToString());
            escape += 2 * UnitLength;
            copied = escape;
        }

        return text.Append(json, copied, json.Length - copied).ToString();
    }

    private static Rune? PairAt(string json, int at) =>
        UnitAt(json, at) is { } high
            && UnitAt(json, at + UnitLength) is { } low
            && Rune.TryCreate(high, low, out var rune)
            && IsPrintable(rune) ? rune : null;

    private static char? UnitAt(string json, int at) =>
        at + UnitLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
        && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate);
}
