using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// What is assigned to a place of a document: a scalar as its JSON text in one form, or the opening bracket of a container.
/// </summary>
internal static class JsonScalar
{
    internal static readonly Bytes Object = new("{"u8);
    internal static readonly Bytes Array = new("["u8);

    internal static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>
    /// The text of the scalar the reader stands at. A number is as it is written. A string has nothing escaped that need not be.
    /// </summary>
    internal static Bytes Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) return new Bytes(reader.ValueSpan);
        var buffer = new ArrayBufferWriter<byte>(reader.ValueSpan.Length + 2);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStringValue(reader.GetString());
        writer.Flush();
        return new Bytes(buffer.WrittenSpan);
    }

    /// <summary>True of what <see cref="Read"/> gives, and of the brackets.</summary>
    internal static bool IsCanonical(Bytes text)
    {
        if (text == Object || text == Array) return true;
        try
        {
            var reader = new Utf8JsonReader(text.Span);
            return reader.Read()
                && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)
                && Read(ref reader) == text
                && !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // the second is a string that is not Unicode
        }
    }
}
