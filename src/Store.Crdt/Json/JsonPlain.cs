using System.Buffers;
using System.Text.Json;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// Places that say no more than JSON text does. One change assigned everything in them, at once.
/// No array in them has elements, for elements have names.
/// The text has no spaces, fields in ascending order of their UTF-8 bytes, and scalars in their one form.
/// </summary>
internal static class JsonPlain
{
    /// <summary>True where the place and all below it is by this assignment alone.</summary>
    internal static bool Is(JsonCell cell, Dot dot, HybridTimestamp timestamp)
    {
        if (cell.IsPartial
            || cell.Items is not null
            || cell.Values.Length != 1
            || cell.Values[0].Dot != dot
            || cell.Values[0].Timestamp != timestamp)
        {
            return false;
        }
        return cell.Fields is null || (cell.Values[0].Value == JsonScalar.Object && cell.Fields.ArePlain(dot, timestamp));
    }

    /// <summary>The text of a plain place.</summary>
    internal static ReadOnlyMemory<byte> ToText(JsonCell cell)
    {
        var value = cell.Values[0].Value;
        if (value == JsonScalar.Object && cell.Fields is null) return "{}"u8.ToArray();
        if (value == JsonScalar.Array) return "[]"u8.ToArray();
        if (value != JsonScalar.Object) return value.Memory;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, JsonScalar.Writing);
        cell.Write(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The place a text tells of.</summary>
    internal static JsonCell ToCell(ReadOnlySpan<byte> text, Dot dot, HybridTimestamp timestamp) =>
        new JsonBuilder(dot, timestamp).Build(text, depth: 0);

    /// <summary>Refuses what is not the text of a plain place in its one form, and what nests too deep for where it is.</summary>
    /// <exception cref="CorruptDataException">The text is refused.</exception>
    internal static void Check(ReadOnlySpan<byte> text, Dot dot, HybridTimestamp timestamp, int depth)
    {
        if (text.Length > 0 && text[0] is not ((byte)'{' or (byte)'['))
        {
            if (!JsonScalar.IsCanonical(new Bytes(text)))
                throw new CorruptDataException("a document's element is not a JSON scalar in its one form");
            return;
        }

        try
        {
            if (ToText(new JsonBuilder(dot, timestamp).Build(text, depth)).Span.SequenceEqual(text)) return;
        }
        catch (ArgumentException wrong)
        {
            throw new CorruptDataException($"a document's element is refused: {wrong.Message}");
        }

        throw new CorruptDataException("a document's element is not JSON in its one form");
    }
}
