using System.Text.Unicode;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Json;

// The encoding: children in order, each by its key. In a fragment each says first whether it is partial.
// Several plain elements that one assignment put one after the other are one entry: no key (which is no name of an element), the
// assignment's dot and timestamp, the first element's sequence, how many there are, and their texts.
// The bytes follow from the state alone, and not from how it is held, so that equal states have equal bytes.
// Journals from before there were runs hold every element by its key.
internal sealed partial class JsonChildren
{
    // An entry: so many places from one on, as one run of so many elements where its dot is one.
    private readonly record struct Entry(int First, int Places, int Elements, Dot Dot, HybridTimestamp Timestamp, long Sequence)
    {
        internal bool IsRun => Elements >= JsonRun.LeastWritten;

        internal bool GoesOnWith(Entry next) =>
            next.Elements > 0 && Dot == next.Dot && Timestamp == next.Timestamp && Sequence + Elements == next.Sequence;
    }

    internal static void Encode(ByteWriter writer, JsonChildren? children, bool isFragment, bool isItems)
    {
        if (children is null)
        {
            writer.WriteVarint(0);
            return;
        }

        var places = children.Places();
        if (!isItems)
        {
            writer.WriteVarint((ulong)places.Count);
            foreach (var place in places) Encode(writer, place.Key, place.Cell!, isFragment);
            return;
        }

        var entries = Entries(places);
        var count = 0;
        foreach (var entry in entries) count += entry.IsRun ? 1 : Math.Max(1, entry.Elements);
        writer.WriteVarint((ulong)count);
        foreach (var entry in entries)
        {
            if (entry.IsRun) EncodeRun(writer, places, entry);
            else EncodeEach(writer, places, entry, isFragment);
        }
    }

    /// <summary>Reads what <see cref="Encode(ByteWriter, JsonChildren?, bool, bool)"/> wrote; null where there are none.</summary>
    internal static JsonChildren? Decode(ref ByteReader reader, bool isFragment, bool isPartial, int depth, bool isItems)
    {
        var count = reader.ReadCount(minimumBytesEach: 4);
        if (count == 0) return null;
        var children = new JsonChildren();
        var runs = new JsonRunWriter(children);
        var last = default(Bytes);
        var lastEntry = default(Entry);
        for (var i = 0; i < count; i++)
        {
            var key = reader.ReadBytes();
            if (isItems && key.Length == 0)
            {
                var run = DecodeRun(ref reader, ref runs, last, depth + 1);
                if (lastEntry.GoesOnWith(run)) throw new CorruptDataException("a document has a run of elements in pieces");
                lastEntry = run;
                last = JsonPosition.Root(run.Timestamp, new Dot(run.Dot.Replica, run.Sequence + run.Elements - 1));
                continue;
            }

            if (i > 0 && key.CompareTo(last) <= 0) throw new CorruptDataException("a document's places are not in ascending order");
            if (isItems ? !JsonPosition.IsValid(key.Span) : !Utf8.IsValid(key.Span))
                throw new CorruptDataException("a document's place has no valid name");
            var childIsPartial = isFragment && reader.ReadBool();
            var child = JsonCell.Decode(ref reader, isFragment, childIsPartial, depth + 1);
            if (childIsPartial && !isPartial) throw new CorruptDataException("a whole place of a document has a partial one below it");
            if (child.IsBottom && (childIsPartial || !isPartial))
                throw new CorruptDataException("a document names a place it says nothing of");
            last = key;
            var entry = isItems ? EntryOf(JsonPlace.Of(key, child), i) : default;
            if (lastEntry.IsRun && lastEntry.GoesOnWith(entry))
                throw new CorruptDataException("a document has a run of elements in pieces");
            lastEntry = entry;
            if (entry.Elements > 0) runs.Add(entry.Dot, entry.Timestamp, entry.Sequence, JsonPlain.ToText(child).Span);
            else children.TryAdd(key, child);
        }

        runs.End();
        return children;
    }

    private static List<Entry> Entries(List<JsonPlace> places)
    {
        var entries = new List<Entry>(places.Count);
        for (var i = 0; i < places.Count; i++)
        {
            var next = EntryOf(places[i], i);
            if (entries.Count > 0 && entries[^1] is { Elements: > 0 } last && last.GoesOnWith(next))
                entries[^1] = last with { Places = last.Places + 1, Elements = last.Elements + next.Elements };
            else
                entries.Add(next);
        }

        return entries;
    }

    /// <summary>A place as an entry of its own. Without elements where it cannot be part of a run.</summary>
    private static Entry EntryOf(JsonPlace place, int index)
    {
        if (place.Run is { } run) return new Entry(index, 1, run.Count, run.Dot, run.Timestamp, run.Sequence);
        if (place.Cell!.Values is [var only]
            && JsonPosition.TryReadRoot(place.Key.Span, out var timestamp, out var element)
            && element.Replica == only.Dot.Replica
            && JsonPlain.Is(place.Cell, only.Dot, timestamp))
            return new Entry(index, 1, 1, only.Dot, timestamp, element.Sequence);
        return new Entry(index, 1, 0, default, default, 0);
    }

    private static void EncodeRun(ByteWriter writer, List<JsonPlace> places, Entry entry)
    {
        writer.WriteBytes([]);
        writer.WriteDot(entry.Dot);
        writer.WriteSigned(entry.Timestamp.Value);
        writer.WriteVarint((ulong)entry.Sequence);
        writer.WriteVarint((ulong)entry.Elements);
        for (var i = entry.First; i < entry.First + entry.Places; i++)
        {
            if (places[i].Run is { } run) writer.WriteRaw(run.Texts);
            else writer.WriteBytes(JsonPlain.ToText(places[i].Cell!).Span);
        }
    }

    private static void EncodeEach(ByteWriter writer, List<JsonPlace> places, Entry entry, bool isFragment)
    {
        for (var i = entry.First; i < entry.First + entry.Places; i++)
        {
            if (places[i].Run is not { } run)
            {
                Encode(writer, places[i].Key, places[i].Cell!, isFragment);
                continue;
            }

            for (var j = 0; j < run.Count; j++) Encode(writer, run.NameOf(j), run.CellAt(j), isFragment);
        }
    }

    private static void Encode(ByteWriter writer, Bytes key, JsonCell cell, bool isFragment)
    {
        writer.WriteBytes(key.Span);
        if (isFragment) writer.WriteBool(cell.IsPartial);
        cell.Encode(writer, isFragment);
    }

    private static Entry DecodeRun(ref ByteReader reader, ref JsonRunWriter runs, Bytes last, int depth)
    {
        var dot = reader.ReadDot();
        var timestamp = new HybridTimestamp(reader.ReadSigned());
        var sequence = reader.ReadSequence();
        var count = reader.ReadCount(minimumBytesEach: 2);
        if (count < JsonRun.LeastWritten) throw new CorruptDataException($"a document has a run of {count} elements");
        if (last.Length > 0 && JsonPosition.Root(timestamp, new Dot(dot.Replica, sequence)).CompareTo(last) <= 0)
            throw new CorruptDataException("a document's places are not in ascending order");
        for (var i = 0; i < count; i++)
        {
            var text = reader.ReadSpan();
            JsonPlain.Check(text, dot, timestamp, depth);
            runs.Add(dot, timestamp, sequence + i, text);
        }

        return new Entry(0, 1, count, dot, timestamp, sequence);
    }
}
