using System.Text.Json;
using System.Text.Json.Serialization;
using HdrHistogram;

namespace Gossipdb.Bench.Load;

/// <summary>A histogram in JSON: value, count, value, count and so on, for the values that occur.</summary>
internal sealed class HistogramJson : JsonConverter<LongHistogram>
{
    public override LongHistogram Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var histogram = LoadResult.NewHistogram();
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("a histogram is an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var value = reader.GetInt64();
            reader.Read();
            histogram.RecordValueWithCount(value, reader.GetInt64());
        }

        return histogram;
    }

    public override void Write(Utf8JsonWriter writer, LongHistogram value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var recorded in value.RecordedValues())
        {
            writer.WriteNumberValue(Math.Min(recorded.ValueIteratedTo, LoadResult.LongestUs));
            writer.WriteNumberValue(recorded.CountAddedInThisIterationStep);
        }

        writer.WriteEndArray();
    }
}
