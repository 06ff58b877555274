using System.Text.Json;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// Makes cells of JSON text (RFC 8259). All are under one dot, except that a dot of its own, drawn from the context, names each element
/// of an array. Without a context, arrays have no elements.
/// </summary>
internal readonly struct JsonBuilder(Dot dot, HybridTimestamp timestamp, UpdateContext? context = null)
{
    /// <exception cref="ArgumentException">Not JSON, half a surrogate pair, a field twice, or deeper than documents nest.</exception>
    internal JsonCell Build(string text, int depth) => Build(Bytes.FromText(text).Span, depth);

    /// <exception cref="ArgumentException">Not JSON, half a surrogate pair, a field twice, or deeper than documents nest.</exception>
    internal JsonCell Build(ReadOnlySpan<byte> text, int depth)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = CrdtTypes.MaxDepth + 1 });
        try
        {
            reader.Read();
            var cell = Build(ref reader, depth);
            reader.Read(); // refuses what comes after the value
            return cell;
        }
        catch (JsonException e)
        {
            // The runtime counts lines and bytes from zero, and names them in its own words.
            var what = e.Message.Split(" LineNumber: ", 2)[0];
            throw new ArgumentException($"the value is not JSON, at byte {e.BytePositionInLine + 1} of line {e.LineNumber + 1}: {what}", e);
        }
        catch (InvalidOperationException e)
        {
            // What an escape says, as in "\ud800", is looked at when the string is read.
            throw new ArgumentException(
                $"the value has half a surrogate pair in the string at byte {reader.TokenStartIndex}, which is no character", e);
        }
    }

    private JsonCell Build(ref Utf8JsonReader reader, int depth)
    {
        if (depth > CrdtTypes.MaxDepth) throw new ArgumentException($"a document cannot be nested deeper than {CrdtTypes.MaxDepth}");
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => Cell(JsonScalar.Object, Fields(ref reader, depth + 1), null),
            JsonTokenType.StartArray => Cell(JsonScalar.Array, null, Items(ref reader, depth + 1)),
            _ => Cell(JsonScalar.Read(ref reader), null, null),
        };
    }

    private JsonCell Cell(Bytes value, JsonChildren? fields, JsonChildren? items) => new()
    {
        Values = [new RegisterValue(dot, timestamp, value)],
        Fields = fields is { IsEmpty: false } ? fields : null,
        Items = items is { IsEmpty: false } ? items : null,
    };

    private JsonChildren Fields(ref Utf8JsonReader reader, int depth)
    {
        var fields = new JsonChildren();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!fields.TryAdd(Bytes.FromText(name), Build(ref reader, depth)))
                throw new ArgumentException($"the value has the field '{name}' twice");
        }

        return fields;
    }

    private JsonChildren Items(ref Utf8JsonReader reader, int depth)
    {
        var items = new JsonChildren();
        var runs = new JsonRunWriter(items);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (context is null) throw new ArgumentException("an array has elements where none can be named");
            var element = context.NextDot();
            if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) && depth <= CrdtTypes.MaxDepth)
            {
                runs.Add(dot, timestamp, element.Sequence, JsonScalar.Read(ref reader).Span);
                continue;
            }

            var cell = Build(ref reader, depth);
            if (JsonPlain.Is(cell, dot, timestamp)) runs.Add(dot, timestamp, element.Sequence, JsonPlain.ToText(cell).Span);
            else items.TryAdd(JsonPosition.Root(timestamp, element), cell);
        }

        runs.End();
        return items;
    }
}
