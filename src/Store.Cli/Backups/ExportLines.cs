using System.Text.Json.Nodes;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>Makes lines of JSON of saved objects.</summary>
/// <param name="states">Reads them.</param>
/// <param name="form">How bytes are said.</param>
/// <param name="withStates">Whether the states go along, and so every type of a key.</param>
internal sealed class ExportLines(IStoredStates states, ByteForm form, bool withStates)
{
    /// <summary>The lines.</summary>
    public IEnumerable<string> Of(IEnumerable<BackupEntry> entries)
    {
        var parts = new List<BackupEntry>();
        var isFirst = true;
        foreach (var entry in entries)
        {
            // An object is told in parts of its type; a further object of the key is of another one.
            if (parts.Count > 0 && !(entry.Continues && entry.Key == parts[0].Key && entry.Type == parts[0].Type))
            {
                if (isFirst || withStates) yield return Line(parts);
                isFirst = !entry.Continues || entry.Key != parts[0].Key;
                parts.Clear();
            }

            parts.Add(entry);
        }

        if (parts.Count > 0 && (isFirst || withStates)) yield return Line(parts);
    }

    private string Line(List<BackupEntry> parts)
    {
        StoredValue value;
        try
        {
            value = StoredValue.Parse(states.ValueOf([.. parts.Select(static part => part.State)]));
        }
        catch (FormatException wrong)
        {
            throw new CliException($"'{parts[0].Key.ToEscaped()}' cannot be read: {wrong.Message}");
        }

        var line = new JsonObject
        {
            [ExportedLine.Key] = form.Whole(parts[0].Key),
            [ExportedLine.Type] = ValueOutput.NameOf(parts[0].Type),
            [ExportedLine.Value] = ValueOutput.Json(value, form),
        };
        if (parts[0].ExpiresAt is { } end) line[ExportedLine.Expires] = ValueOutput.Moment(end);
        if (withStates)
            line[ExportedLine.State] = new JsonArray([.. parts.Select(static part => (JsonNode)Convert.ToBase64String(part.State.Span))]);
        return JsonText.OfLine(line);
    }
}

/// <summary>The names in a line of an export.</summary>
internal static class ExportedLine
{
    public const string Key = "key";
    public const string Type = "type";
    public const string Value = "value";
    public const string Expires = "expires";
    public const string State = "state";
}
