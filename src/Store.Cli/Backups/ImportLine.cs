using System.Globalization;
using System.Text.Json;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>A line of an export, read back.</summary>
/// <param name="Number">Its number in the file, from 1 on.</param>
/// <param name="Key">The key.</param>
/// <param name="Type">The type of what it holds.</param>
/// <param name="Value">The value.</param>
/// <param name="Expires">Until when it lives; null: for ever.</param>
/// <param name="States">Its states; empty where the line has none.</param>
internal sealed record ImportLine(
    long Number, Bytes Key, StoredType Type, JsonElement Value, DateTimeOffset? Expires, IReadOnlyList<byte[]> States)
{
    private static readonly Dictionary<string, StoredType> Types =
        Enum.GetValues<StoredType>().Where(static type => type != StoredType.None).ToDictionary(ValueOutput.NameOf);

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static ImportLine Parse(long number, string text, ByteForm form)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 128 });
            var line = document.RootElement;
            if (line.ValueKind != JsonValueKind.Object) throw new FormatException("it is no JSON object");
            Bytes? key = null;
            StoredType? type = null;
            JsonElement? value = null;
            DateTimeOffset? expires = null;
            var states = new List<byte[]>();
            foreach (var member in line.EnumerateObject())
            {
                switch (member.Name)
                {
                    case ExportedLine.Key:
                        key = form.Read(Text(member));
                        break;
                    case ExportedLine.Type:
                        type = TypeOf(Text(member));
                        break;
                    case ExportedLine.Value:
                        value = member.Value.Clone();
                        break;
                    case ExportedLine.Expires:
                        expires = DateTimeOffset.Parse(Text(member), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                        break;
                    case ExportedLine.State:
                        foreach (var part in member.Value.EnumerateArray()) states.Add(part.GetBytesFromBase64());
                        break;
                    default:
                        throw new FormatException($"'{member.Name}' means nothing");
                }
            }

            return new ImportLine(
                number, key ?? throw Missing(ExportedLine.Key), type ?? throw Missing(ExportedLine.Type),
                value ?? throw Missing(ExportedLine.Value), expires, states);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or InvalidRequestException)
        {
            throw new FormatException(wrong.Message, wrong);
        }
    }

    /// <summary>The type of a name.</summary>
    /// <exception cref="FormatException">There is no such type.</exception>
    public static StoredType TypeOf(string name) =>
        Types.TryGetValue(name, out var type) ? type : throw new FormatException($"there is no type '{name}'");

    private static string Text(JsonProperty member) =>
        member.Value.GetString() ?? throw new FormatException($"'{member.Name}' is no text");

    private static FormatException Missing(string name) => new($"it has no '{name}'");
}
