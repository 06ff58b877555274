using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>What a node holds of a key, as <c>gossipdb inspect --json</c> shows a replica.</summary>
internal static class InspectionJson
{
    public static JsonElement Of(Inspection held) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["node"] = held.Node,
        ["partition"] = held.Partition,
        ["owner"] = held.Owner,
        ["replica"] = Hex(held.Replica),
        ["clock"] = Clock(held.Clock),
        ["objects"] = new JsonArray([.. held.Objects.Select(static one => (JsonNode)new JsonObject
        {
            ["type"] = NameOf(one.Type),
            ["answers"] = one.Answers,
            ["visible"] = one.Visible,
            ["lines"] = new JsonArray([.. one.Lines.Select(static line => (JsonNode)line)]),
            ["lastChange"] = Clock(one.LastChange),
        })]),
    });

    // "BoundedCounter" → "bounded counter", as the shell calls them.
    private static string NameOf(StoredType type) => type == StoredType.MultiRegister
        ? "multi-value register"
        : string.Concat(type.ToString().Select(static (c, at) => char.IsAsciiLetterUpper(c) && at > 0 ? $" {c}" : $"{c}"))
            .ToLowerInvariant();

    private static JsonObject Clock(IEnumerable<ClockEntry> clock)
    {
        var entries = new JsonObject();
        foreach (var entry in clock.OrderBy(static entry => entry.Replica)) entries[Hex(entry.Replica)] = entry.Sequence;
        return entries;
    }

    private static string Hex(ulong replica) => replica.ToString("x16", CultureInfo.InvariantCulture);
}
