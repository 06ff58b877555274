using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;

namespace Gossipdb.Client;

/// <summary>
/// How values of an application's type are stored: a string as its UTF-8, <see cref="Bytes"/> and byte arrays as they are, and all else as
/// JSON by System.Text.Json, without white space.
/// </summary>
internal sealed class TypedValue<T>
{
    private TypedValue(Func<T, Bytes> write, Func<Bytes, T> read) => (Write, Read) = (write, read);

    /// <summary>To bytes.</summary>
    public Func<T, Bytes> Write { get; }

    /// <summary>From bytes.</summary>
    public Func<Bytes, T> Read { get; }

    /// <summary>By what the compiler has generated, or the application says.</summary>
    public static TypedValue<T> Of(JsonTypeInfo<T> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return AsIs() ?? new(value => new(ToJson(value, json)), bytes => Parse(bytes.Span, json));
    }

    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public static TypedValue<T> Of(JsonSerializerOptions? options) =>
        AsIs() ?? Of(TypedValue.InfoOf<T>(options));

    /// <exception cref="InvalidRequestException">The value has no JSON, or a string in it holds half a surrogate pair.</exception>
    public static ByteString ToJson(T value, JsonTypeInfo<T> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        using var buffer = new MemoryStream();
        try
        {
            using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Strict });
            JsonSerializer.Serialize(writer, value, json);
            writer.Flush();
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw JsonText.Unwritten(problem);
        }

        return UnsafeByteOperations.UnsafeWrap(buffer.ToArray());
    }

    /// <exception cref="ValueFormatException">They say no such value.</exception>
    public static T Parse(ReadOnlySpan<byte> stored, JsonTypeInfo<T> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize(stored, json)!;
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            var path = problem is JsonException { Path: { Length: > 0 } where } ? $", at {where}" : "";
            throw new ValueFormatException(
                $"What is stored is no {typeof(T).Name} as JSON{path}: '{ByteEscapes.WriteBrief(stored)}'.", problem);
        }
    }

    // By casts of a single value: other instances of this type in its code are more than ahead-of-time compilers take.
    private static TypedValue<T>? AsIs() =>
        typeof(T) == typeof(string) ? new(static value => (string)(object)value!, static bytes => (T)(object)bytes.Text)
        : typeof(T) == typeof(Bytes) ? new(static value => (Bytes)(object)value!, static bytes => (T)(object)bytes)
        : typeof(T) == typeof(byte[]) ? new(static value => (byte[])(object)value!, static bytes => (T)(object)bytes.ToArray())
        : null;
}

/// <summary>What is the same for all types.</summary>
internal static class TypedValue
{
    public const string Reflects =
        "The JSON of a type is found by reflection: where code is trimmed or compiled ahead of time, pass a JsonTypeInfo<T>, which the "
        + "compiler generates for a JsonSerializerContext.";

    [RequiresUnreferencedCode(Reflects)]
    [RequiresDynamicCode(Reflects)]
    public static JsonTypeInfo<T> InfoOf<T>(JsonSerializerOptions? options) =>
        (JsonTypeInfo<T>)(options ?? JsonSerializerOptions.Default).GetTypeInfo(typeof(T));
}
