using System.Text.Json;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Json;

/// <summary>
/// One place of a document: a register of the surviving assignments (a scalar, or the mark of an object or an array), and what is below
/// it. A cell is there while an assignment survives.
/// In a fragment a partial cell tells of its assignments completely, and only of those children that it names.
/// </summary>
internal sealed class JsonCell
{
    internal RegisterValue[] Values { get; set; } = [];

    internal JsonChildren? Fields { get; set; }

    internal JsonChildren? Items { get; set; }

    internal bool IsPartial { get; init; }

    internal bool IsVisible => Values.Length > 0;

    internal bool IsBottom => Values.Length == 0 && Fields is null && Items is null;

    internal long ApproximateBytes { get; private set; } = 3;

    /// <summary>The assignment with the greatest (timestamp, dot): what a reader sees. Empty where there is none.</summary>
    internal Bytes Latest => LatestValue.Value;

    /// <summary>The same, with its dot and timestamp.</summary>
    internal RegisterValue LatestValue
    {
        get
        {
            var latest = default(RegisterValue);
            foreach (ref readonly var value in Values.AsSpan())
            {
                // Later dots come later, so that equal timestamps go to the greater dot.
                if (latest.Dot.Sequence == 0 || value.Timestamp.CompareTo(latest.Timestamp) >= 0) latest = value;
            }

            return latest;
        }
    }

    internal void Join(VersionVector clock, JsonCell? theirs, VersionVector otherClock)
    {
        if (theirs is { IsPartial: true, IsBottom: true }) return; // a delta without news
        Values = DotStore.Join<RegisterValue>(Values, clock, theirs is null ? [] : theirs.Values, otherClock);
        var isComplete = theirs is not { IsPartial: true };
        Fields = JsonChildren.Join(Fields, clock, theirs?.Fields, isComplete, otherClock);
        Items = JsonChildren.Join(Items, clock, theirs?.Items, isComplete, otherClock);
        Weigh();
    }

    /// <summary>What the clock does not cover, as a partial cell; null where that is nothing.</summary>
    internal JsonCell? Above(VersionVector since)
    {
        var (fields, items) = (Fields?.Above(since), Items?.Above(since));
        return fields is null && items is null && !DotStore.AnyAbove<RegisterValue>(Values, since)
            ? null
            : new JsonCell { IsPartial = true, Values = Values, Fields = fields, Items = items };
    }

    /// <summary>Writes what a reader sees of a visible cell.</summary>
    internal void Write(Utf8JsonWriter writer)
    {
        var latest = Latest;
        if (latest == JsonScalar.Object)
        {
            writer.WriteStartObject();
            Fields?.WriteFields(writer);
            writer.WriteEndObject();
        }
        else if (latest == JsonScalar.Array)
        {
            writer.WriteStartArray();
            Items?.WriteItems(writer);
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteRawValue(latest.Span, skipInputValidation: true);
        }
    }

    internal IEnumerable<string> Describe(string path)
    {
        foreach (var value in Values)
            yield return $"{(path.Length == 0 ? "/" : path)}: {value.Value.ToDisplayString()}  {{{value.Dot}}} at {value.Timestamp}";
        foreach (var line in Fields?.Describe(path) ?? []) yield return line;
        foreach (var line in Items?.Describe(path) ?? []) yield return line;
    }

    /// <summary>Assignments, fields, elements; in a fragment each child says first whether it is partial.</summary>
    internal void Encode(ByteWriter writer, bool isFragment)
    {
        writer.WriteVarint((ulong)Values.Length);
        foreach (ref readonly var value in Values.AsSpan())
        {
            writer.WriteDot(value.Dot);
            writer.WriteSigned(value.Timestamp.Value);
            writer.WriteBytes(value.Value.Span);
        }

        JsonChildren.Encode(writer, Fields, isFragment, isItems: false);
        JsonChildren.Encode(writer, Items, isFragment, isItems: true);
    }

    internal static JsonCell Decode(ref ByteReader reader, bool isFragment, bool isPartial, int depth)
    {
        if (depth > CrdtTypes.MaxDepth) throw new CorruptDataException($"a document is nested deeper than {CrdtTypes.MaxDepth}");
        var count = reader.ReadCount(minimumBytesEach: 12);
        var values = count == 0 ? [] : new RegisterValue[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = new RegisterValue(reader.ReadDot(), new HybridTimestamp(reader.ReadSigned()), reader.ReadBytes());
            if (i > 0 && values[i].Dot.CompareTo(values[i - 1].Dot) <= 0)
                throw new CorruptDataException("a document's assignments are not in ascending order of dot");
            if (!JsonScalar.IsCanonical(values[i].Value))
                throw new CorruptDataException("a document's assignment is not a JSON scalar in its one form");
        }

        var cell = new JsonCell { IsPartial = isPartial, Values = values };
        cell.Fields = JsonChildren.Decode(ref reader, isFragment, isPartial, depth, isItems: false);
        cell.Items = JsonChildren.Decode(ref reader, isFragment, isPartial, depth, isItems: true);
        cell.Weigh();
        return cell;
    }

    private void Weigh()
    {
        ApproximateBytes = 3 + (Fields?.ApproximateBytes ?? 0) + (Items?.ApproximateBytes ?? 0);
        foreach (ref readonly var value in Values.AsSpan()) ApproximateBytes += 17 + value.Value.Length;
    }
}
