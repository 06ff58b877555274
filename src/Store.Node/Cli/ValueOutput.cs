using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli;

/// <summary>Values and receipts, for people and for programs.</summary>
internal static class ValueOutput
{
    /// <summary>The name of a type, as the commands spell it.</summary>
    public static string NameOf(StoredType type) => type switch
    {
        StoredType.Counter => "counter",
        StoredType.Set => "set",
        StoredType.Register => "register",
        StoredType.MultiRegister => "multi-value register",
        StoredType.Flag => "flag",
        StoredType.Map => "map",
        _ => "nothing",
    };

    public static string Switch(bool enabled) => enabled ? "enabled" : "disabled";

    /// <summary>The value, a line for each of its parts, so that a pipe can count and sort them.</summary>
    public static IEnumerable<string> Lines(StoredValue value) => value.Type switch
    {
        StoredType.Set => value.Set,
        StoredType.MultiRegister => value.Siblings,
        StoredType.Flag => [Switch(value.Flag)],
        StoredType.Map => Lines(value.Map),
        _ => [value.ToString()],
    };

    public static IEnumerable<string> Lines(MapValue map) =>
        map.Fields.Select(static field => $"{field.Name} ({NameOf(field.Type)}): {field.Value}");

    public static JsonNode? Json(StoredValue? value) => value?.Type switch
    {
        StoredType.Counter => JsonValue.Create(value.Counter),
        StoredType.Set => Json(value.Set),
        StoredType.Register => JsonValue.Create(value.Register),
        StoredType.MultiRegister => Json(value.Siblings),
        StoredType.Flag => JsonValue.Create(value.Flag),
        StoredType.Map => Json(value.Map),
        _ => null,
    };

    // An array and not an object: two sides of a cut can create one field as two types.
    public static JsonArray Json(MapValue map) =>
    [
        .. map.Fields.Select(static field => (JsonNode)new JsonObject
        {
            ["field"] = field.Name,
            ["type"] = NameOf(field.Type),
            ["value"] = Json(field.Value),
        }),
    ];

    public static JsonArray Json(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode?)JsonValue.Create(text))];

    public static JsonArray Json(IEnumerable<int> numbers) => [.. numbers.Select(static number => (JsonNode?)JsonValue.Create(number))];

    public static JsonObject Json(Receipt receipt) => new()
    {
        ["nodes"] = Json(receipt.Nodes),
        ["required"] = receipt.Required,
        ["partition"] = receipt.Partition,
        ["token"] = receipt.Token.ToString(),
    };

    public static string Acked(Receipt receipt, Write consistency)
    {
        var nodes = receipt.Nodes.Order().ToArray();
        return $"ok, acked by {(nodes.Length == 1 ? "node" : "nodes")} {string.Join(", ", nodes)} (W={consistency})";
    }
}
