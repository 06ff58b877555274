using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Maps;

/// <content>The encoding: fields in ascending order, each a state of its own type, and the last removals.</content>
public sealed partial class CrdtMap
{
    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_fields.Count);
        foreach (var field in SortedFields())
        {
            writer.WriteBytes(field.Name.Span);
            _fields[field].EncodeTyped(writer);
        }

        _removals.Encode(writer);
    }

    internal static CrdtMap DecodeBody(ref ByteReader reader, bool isFragment, int depth)
    {
        var count = reader.ReadCount(minimumBytesEach: 4);
        var map = new CrdtMap(count) { IsFragment = isFragment };
        var last = default(MapField);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadBytes();
            var state = DecodeTyped(ref reader, depth + 1);
            var field = new MapField(name, state.Type);
            if (i > 0 && field.CompareTo(last) <= 0) throw new CorruptDataException("map fields are not in ascending order");
            if (state.IsFragment && !isFragment) throw new CorruptDataException("a whole map has a fragment in a field");
            if (state.IsBottom && (state.IsFragment || !isFragment))
                throw new CorruptDataException("a map names a field it says nothing of");
            map.Hold(field, state);
            last = field;
        }

        map._removals = LastRemovals.Decode(ref reader);
        return map;
    }
}
