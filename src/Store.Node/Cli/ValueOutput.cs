using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli;

/// <summary>Values and receipts, for people and for programs.</summary>
internal static class ValueOutput
{
    /// <summary>The name of a type in words.</summary>
    public static string NameOf(StoredType type) => type switch
    {
        StoredType.Counter => "counter",
        StoredType.Set => "set",
        StoredType.Register => "register",
        StoredType.MultiRegister => "multi-value register",
        StoredType.Flag => "flag",
        StoredType.Map => "map",
        StoredType.GrowOnlyCounter => "grow-only counter",
        StoredType.BoundedCounter => "bounded counter",
        StoredType.MaxRegister => "max register",
        StoredType.MinRegister => "min register",
        StoredType.DisableWinsFlag => "disable-wins flag",
        StoredType.GrowOnlySet => "grow-only set",
        StoredType.RemoveWinsSet => "remove-wins set",
        StoredType.SortedSet => "sorted set",
        StoredType.Sequence => "sequence",
        StoredType.Text => "text",
        StoredType.Json => "json",
        StoredType.HyperLogLog => "hyperloglog",
        _ => "nothing",
    };

    public static string Switch(bool enabled) => enabled ? "enabled" : "disabled";

    /// <summary>The value, a line for each of its parts, so that a pipe can count and sort them.</summary>
    public static IEnumerable<string> Lines(StoredValue value) => value.Type switch
    {
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet => value.Set,
        StoredType.MultiRegister => value.Siblings,
        StoredType.Map => Lines(value.Map.Fields),
        StoredType.SortedSet => Lines(value.SortedSet),
        StoredType.Sequence => value.Sequence,
        _ => [Text(value)],
    };

    /// <summary>The value in words.</summary>
    public static string Text(StoredValue value) => value.Type == StoredType.Json ? JsonText.Readable(value.Json) : value.ToString();

    /// <summary>The score first, so that <c>sort -n</c> sorts; then a tab, which no score holds.</summary>
    public static IEnumerable<string> Lines(IEnumerable<ScoredMember> members) =>
        members.Select(static member => string.Create(CultureInfo.InvariantCulture, $"{member.Score}\t{member.Member}"));

    public static IEnumerable<string> Lines(IEnumerable<MapField> fields) =>
        fields.Select(static field => $"{field.Name} ({NameOf(field.Type)}): {Text(field.Value)}");

    public static JsonNode? Json(StoredValue? value) => value?.Type switch
    {
        StoredType.Counter or StoredType.GrowOnlyCounter or StoredType.BoundedCounter => JsonValue.Create(value.Counter),
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet => Json(value.Set),
        StoredType.Register => JsonValue.Create(value.Register),
        StoredType.MultiRegister => Json(value.Siblings),
        StoredType.Flag or StoredType.DisableWinsFlag => JsonValue.Create(value.Flag),
        StoredType.Map => Json(value.Map.Fields),
        StoredType.MaxRegister or StoredType.MinRegister => JsonValue.Create(value.Number),
        StoredType.SortedSet => Json(value.SortedSet),
        StoredType.Sequence => Json(value.Sequence),
        StoredType.Text => JsonValue.Create(value.Text),
        StoredType.Json => JsonNode.Parse(value.Json),
        StoredType.HyperLogLog => JsonValue.Create(value.Distinct),
        _ => null,
    };

    // An array and not an object: two sides of a cut can create one field as two types.
    public static JsonArray Json(IEnumerable<MapField> fields) =>
    [
        .. fields.Select(static field => (JsonNode)new JsonObject
        {
            ["field"] = field.Name,
            ["type"] = NameOf(field.Type),
            ["value"] = Json(field.Value),
        }),
    ];

    public static JsonArray Json(IEnumerable<ScoredMember> members) =>
        [.. members.Select(static member => (JsonNode)new JsonObject { ["member"] = member.Member, ["score"] = member.Score })];

    public static JsonArray Json(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode?)JsonValue.Create(text))];

    public static JsonArray Json(IEnumerable<int> numbers) => [.. numbers.Select(static number => (JsonNode?)JsonValue.Create(number))];

    public static JsonObject Json(Receipt receipt) => new()
    {
        ["nodes"] = Json(receipt.Nodes),
        ["standIns"] = Json(receipt.StandIns),
        ["required"] = receipt.Required,
        ["partition"] = receipt.Partition,
        ["token"] = receipt.Token.ToString(),
    };

    /// <summary>A moment as ISO 8601 has it, in UTC.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Acked(Receipt receipt, Write consistency)
    {
        string[] who = [.. Told("node", receipt.Nodes), .. Told("stand-in", receipt.StandIns)];
        return $"ok, acked by {string.Join(" and ", who)} (W={consistency})";
    }

    /// <summary>What a reader should know of who answered; null where owners did.</summary>
    public static string? Remark(Receipt receipt) => receipt is { Nodes.Count: 0, StandIns.Count: > 0 }
        ? $"no owner of the key is within reach: this is what was written to {string.Join(" and ", Told("stand-in", receipt.StandIns))} since"
        : null;

    private static string[] Told(string kind, IReadOnlyList<int> nodes) => nodes.Count == 0 ? [] : [$"{kind}{(nodes.Count == 1 ? "" : "s")} {string.Join(", ", nodes.Order())}"];
}
