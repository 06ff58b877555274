using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Cli.Output;

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
    public static IEnumerable<string> Lines(StoredValue value, ByteForm form) => value.Type switch
    {
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet => form.Lines(value.SetBytes),
        StoredType.Register => [form.Whole(value.RegisterBytes)],
        StoredType.MultiRegister => form.Lines(Siblings(value)),
        StoredType.Map => Lines(value.Map.Fields, form),
        StoredType.SortedSet => Lines(value.SortedSet, form),
        StoredType.Sequence => form.Lines(value.SequenceBytes),
        StoredType.Json => [JsonText.Readable(value.Json)],
        _ => [value.ToString()],
    };

    /// <summary>The score first, so that <c>sort -n</c> sorts; then a tab, which no score holds.</summary>
    public static IEnumerable<string> Lines(IEnumerable<ScoredMember> members, ByteForm form) =>
        members.Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Score}\t{form.Line(member.Member)}"));

    public static IEnumerable<string> Lines(IEnumerable<MapField> fields, ByteForm form) =>
        fields.Select(field => $"{form.Line(field.Name)} ({NameOf(field.Type)}): {Line(field.Value, form)}");

    /// <summary>The value in one line, whatever it is.</summary>
    public static string Line(StoredValue value, ByteForm form) => value.Type switch
    {
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet => $"{{{string.Join(", ", form.Lines(value.SetBytes))}}}",
        StoredType.Register => form.Line(value.RegisterBytes),
        StoredType.MultiRegister => string.Join(" | ", form.Lines(Siblings(value))),
        StoredType.Map =>
            $"{{{string.Join(", ", value.Map.Fields.Select(field => $"{form.Line(field.Name)}: {Line(field.Value, form)}"))}}}",
        StoredType.SortedSet =>
            $"{{{string.Join(", ", value.SortedSet.Select(member => Scored(form, member)))}}}",
        StoredType.Sequence => $"[{string.Join(", ", form.Lines(value.SequenceBytes))}]",
        StoredType.Text => ByteForm.Escaped.Line(value.Text),
        StoredType.Json => JsonText.Readable(value.Json),
        _ => value.ToString(),
    };

    public static JsonNode? Json(StoredValue? value, ByteForm form) => value?.Type switch
    {
        StoredType.Counter or StoredType.GrowOnlyCounter or StoredType.BoundedCounter => JsonValue.Create(value.Counter),
        StoredType.Set or StoredType.GrowOnlySet or StoredType.RemoveWinsSet => Json(value.SetBytes, form),
        StoredType.Register => JsonValue.Create(form.Whole(value.RegisterBytes)),
        StoredType.MultiRegister => Json(Siblings(value), form),
        StoredType.Flag or StoredType.DisableWinsFlag => JsonValue.Create(value.Flag),
        StoredType.Map => Json(value.Map.Fields, form),
        StoredType.MaxRegister or StoredType.MinRegister => JsonValue.Create(value.Number),
        StoredType.SortedSet => Json(value.SortedSet, form),
        StoredType.Sequence => Json(value.SequenceBytes, form),
        StoredType.Text => JsonValue.Create(value.Text),
        StoredType.Json => JsonNode.Parse(value.Json),
        StoredType.HyperLogLog => JsonValue.Create(value.Distinct),
        _ => null,
    };

    // An array and not an object: two sides of a cut can create one field as two types.
    public static JsonArray Json(IEnumerable<MapField> fields, ByteForm form) =>
    [
        .. fields.Select(field => (JsonNode)new JsonObject
        {
            ["field"] = form.Whole(field.Name),
            ["type"] = NameOf(field.Type),
            ["value"] = Json(field.Value, form),
        }),
    ];

    public static JsonArray Json(IEnumerable<ScoredMember> members, ByteForm form) =>
        [.. members.Select(member => (JsonNode)new JsonObject { ["member"] = form.Whole(member.Member), ["score"] = member.Score })];

    public static JsonArray Json(IEnumerable<Bytes> all, ByteForm form) =>
        [.. all.Select(bytes => (JsonNode?)JsonValue.Create(form.Whole(bytes)))];

    public static JsonArray Json(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode?)JsonValue.Create(text))];

    public static JsonArray Json(IEnumerable<int> numbers) => [.. numbers.Select(static number => (JsonNode?)JsonValue.Create(number))];

    public static JsonObject Json(Receipt receipt) => new()
    {
        ["nodes"] = Json(receipt.Nodes),
        ["standIns"] = Json(receipt.StandIns),
        ["required"] = receipt.Required,
        ["level"] = receipt.Level,
        ["partition"] = receipt.Partition,
        ["token"] = receipt.Token.ToString(),
    };

    /// <summary>A moment as ISO 8601 has it, in UTC.</summary>
    public static string Moment(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Acked(Receipt receipt, Write consistency)
    {
        string[] who = [.. Told("node", receipt.Nodes), .. Told("stand-in", receipt.StandIns)];
        return $"ok, acked by {string.Join(" and ", who)} (W={receipt.Level ?? consistency.ToString()})";
    }

    /// <summary>What a reader should know of who answered; null where owners did.</summary>
    public static string? Remark(Receipt receipt) => receipt is { Nodes.Count: 0, StandIns.Count: > 0 }
        ? "no owner of the key is within reach: this is what was written to "
            + $"{string.Join(" and ", Told("stand-in", receipt.StandIns))} since"
        : null;

    private static IEnumerable<Bytes> Siblings(StoredValue value) => value.SiblingBytes.Select(static sibling => (Bytes)sibling);

    private static string[] Told(string kind, IReadOnlyList<int> nodes) =>
        nodes.Count == 0 ? [] : [$"{kind}{(nodes.Count == 1 ? "" : "s")} {string.Join(", ", nodes.Order())}"];

    private static string Scored(ByteForm form, ScoredMember member) =>
        string.Create(CultureInfo.InvariantCulture, $"{form.Line(member.Member)}: {member.Score}");
}
