using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gossipdb.Checking.History;

/// <summary>How records are written: camelCase names, nothing of what is null, a line each.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(HistoryRecord))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(CallRecord))]
[JsonSerializable(typeof(FaultRecord))]
[JsonSerializable(typeof(PhaseRecord))]
[JsonSerializable(typeof(SampleRecord))]
[JsonSerializable(typeof(StateRecord))]
[JsonSerializable(typeof(ConvergedRecord))]
internal sealed partial class HistoryJson : JsonSerializerContext
{
    private const int PooledTexts = 100_000;
    private const int LongestPooled = 64;

    /// <summary>A reader's own: it keeps one copy of a text that comes again, as keys, callers and levels do.</summary>
    public static HistoryJson WithTextPool()
    {
        var options = new JsonSerializerOptions(Default.Options);
        options.Converters.Add(new PooledText());
        return new HistoryJson(options);
    }

    private sealed class PooledText : JsonConverter<string>
    {
        private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public PooledText() => _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();

        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.HasValueSequence || reader.ValueSpan.Length > LongestPooled) return reader.GetString();
            if (reader.TokenType != JsonTokenType.String) throw new JsonException();
            Span<char> text = stackalloc char[LongestPooled];
            var length = reader.CopyString(text);
            if (_lookup.TryGetValue(text[..length], out var known)) return known;
            var created = text[..length].ToString();
            if (_texts.Count < PooledTexts) _texts.Add(created);
            return created;
        }

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!;

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value);

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
