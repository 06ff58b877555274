using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>
/// One line of the audit log: an object of JSON. What callers chose themselves is clipped and escaped, so that a line stays one, and
/// short, whatever they send.
/// </summary>
internal static class AuditLine
{
    /// <summary>Characters of one text that are written.</summary>
    public const int MaxCharacters = 256;

    private static readonly Dictionary<AuditAction, JsonEncodedText> Actions =
        Enum.GetValues<AuditAction>().ToDictionary(static action => action, static action => Name(action));

    private static readonly Dictionary<AuditOutcome, JsonEncodedText> Outcomes =
        Enum.GetValues<AuditOutcome>().ToDictionary(static outcome => outcome, static outcome => Name(outcome));

    private static readonly Dictionary<CallerProof, JsonEncodedText> Proofs =
        Enum.GetValues<CallerProof>().ToDictionary(static proof => proof, static proof => Name(proof));

    /// <summary>The line, without its end.</summary>
    public static string Write(
        DateTimeOffset when, NodeId node, AuditAction action, Caller who, string what, AuditOutcome outcome, string? detail)
    {
        var bytes = new ArrayBufferWriter<byte>(256);

        // The default encoder escapes whatever is not plain ASCII: nothing in a line can move a terminal's cursor.
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("when", when.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteNumber("node", node.Value);
            json.WriteString("action", Actions[action]);
            json.WriteString("outcome", Outcomes[outcome]);
            json.WriteString("who", Clip(who.Name));
            json.WriteString("how", Proofs[who.How]);
            json.WriteString("from", Clip(who.From));
            json.WriteString("what", Clip(what));
            if (!string.IsNullOrEmpty(detail)) json.WriteString("detail", Clip(detail));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static string Clip(string text)
    {
        if (text.Length <= MaxCharacters) return text;
        var end = char.IsHighSurrogate(text[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters;
        return $"{text.AsSpan(0, end)}… ({text.Length - end} more)";
    }

    private static JsonEncodedText Name<T>(T value)
        where T : struct, Enum => JsonEncodedText.Encode(JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}"));
}
