using System.Text.Json;
using System.Text.Json.Serialization;
using HdrHistogram;
using HdrHistogram.Utilities;

namespace Gossipdb.Bench.Load;

/// <summary>A histogram in JSON: in the compressed encoding every HdrHistogram library reads, as base64.</summary>
internal sealed class HistogramJson : JsonConverter<LongHistogram>
{
    public override LongHistogram Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var histogram = LoadResult.NewHistogram();
        histogram.Add(HistogramEncoding.DecodeFromCompressedByteBuffer(ByteBuffer.Allocate(reader.GetBytesFromBase64()), 0));
        return histogram;
    }

    public override void Write(Utf8JsonWriter writer, LongHistogram value, JsonSerializerOptions options)
    {
        var bytes = new byte[value.GetNeededByteBufferCapacity()];
        var length = value.EncodeIntoCompressedByteBuffer(ByteBuffer.Allocate(bytes));
        writer.WriteBase64StringValue(bytes.AsSpan(0, length));
    }
}
