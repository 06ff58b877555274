using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Sketches;
using Gossipdb.Protocol;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Server;

/// <summary>Answers reads: follows the path into maps, and takes the part that is asked for, so that the object is not shipped.</summary>
internal static class WireReads
{
    // What one answer to a read of several keys carries at most.
    private const long MaxValuesBytes = 16 * 1024 * 1024;

    // What is set aside for a part of an object, whose size shows when it is built.
    private const long MaxPartBytes = 256 * 1024;

    /// <summary>The type the key must hold; null for any.</summary>
    public static CrdtType? TypeOfKey(Read read) => read.Path.Count > 0 ? CrdtType.Map : Wire.ToType(read.Type);

    /// <summary>Refuses a read that makes no sense.</summary>
    /// <exception cref="ArgumentException">It names two parts, a limit out of range, or too long a path.</exception>
    public static Read Check(Read read, int maxBatch)
    {
        if (read.Path.Count > WireOperations.MaxDepth)
            throw new ArgumentException($"maps are nested no deeper than {WireOperations.MaxDepth}");
        if (read.Contains
            && read.Type is not (Protocol.ValueType.None or Protocol.ValueType.Set
                or Protocol.ValueType.GrowOnlySet or Protocol.ValueType.RemoveWinsSet))
        {
            throw new ArgumentException("only a set can be asked whether it contains an element");
        }

        if (read.Contains && read.PartCase != Read.PartOneofCase.None) throw new ArgumentException("a read asks for one part");
        var limit = read.PartCase switch
        {
            Read.PartOneofCase.Page => read.Page.Limit,
            Read.PartOneofCase.Scores => read.Scores.Limit,
            Read.PartOneofCase.Ranks => read.Ranks.Count,
            _ => 1u,
        };
        if (read.Type != Protocol.ValueType.None
            && TypesWith(read.PartCase) is { IsEmpty: false } types
            && !types.Contains((CrdtType)read.Type))
        {
            throw new ArgumentException($"a {read.Type} has no {NameOf(read.PartCase)}");
        }

        return limit >= 1 && limit <= maxBatch
            ? read
            : throw new ArgumentException($"a read of {limit} at once; the limit is {maxBatch}, and at least 1");
    }

    /// <summary>The types that have a part; none where all do.</summary>
    private static ReadOnlySpan<CrdtType> TypesWith(Read.PartOneofCase part) => part switch
    {
        Read.PartOneofCase.Count =>
            [
                CrdtType.Set, CrdtType.GrowOnlySet, CrdtType.RemoveWinsSet, CrdtType.Map, CrdtType.SortedSet, CrdtType.Sequence,
                CrdtType.Text, CrdtType.HyperLogLog
            ],
        Read.PartOneofCase.Page => [CrdtType.Set, CrdtType.GrowOnlySet, CrdtType.RemoveWinsSet, CrdtType.Map],
        Read.PartOneofCase.Span => [CrdtType.Sequence, CrdtType.Text],
        Read.PartOneofCase.ScoreOf or Read.PartOneofCase.RankOf or Read.PartOneofCase.Ranks or Read.PartOneofCase.Scores =>
            [CrdtType.SortedSet],
        Read.PartOneofCase.JsonPath => [CrdtType.Json],
        _ => [],
    };

    /// <summary>The value asked for; an empty one where there is nothing.</summary>
    /// <exception cref="WrongTypeException">What is held is not of the type wanted, or has no such part.</exception>
    /// <exception cref="ArgumentException">The part is out of range.</exception>
    public static Value ToValue(in ReadResult result, Read read)
    {
        if (result.State is null) return new Value();
        if (read.PartCase == Read.PartOneofCase.Expiry)
            return new Value
            {
                ExpiresAtUnixMs = result.ExpiresAtMs == Expiry.Never ? 0 : result.ExpiresAtMs,
                Type = Wire.ToValueType(result.State.Type),
            };
        return read.Path.Count > 0 ? InMap((CrdtMap)result.State, read) : Of(result.State, read);
    }

    /// <summary>The whole values of several keys; empty ones where there is nothing.</summary>
    /// <exception cref="TooLargeException">They are too large together for one answer.</exception>
    public static Values ToValues(IReadOnlyList<Crdt.Crdt?> states)
    {
        var values = new Values();
        long bytes = 0;
        for (var i = 0; i < states.Count; i++)
        {
            var value = states[i] is { } state ? WireValues.Whole(state) : new Value();
            bytes += value.CalculateSize();
            if (bytes > MaxValuesBytes && states.Count > 1)
                throw new TooLargeException($"the values of the first {i + 1} of {states.Count} keys have more than {MaxValuesBytes} "
                    + "bytes together: read fewer at once");
            values.Values_.Add(value);
        }

        return values;
    }

    /// <summary>About how many bytes the answer to a read will have. Costs no pass over what is read.</summary>
    public static long ApproximateBytes(in ReadResult result, Read? part)
    {
        long bytes = 0;
        if (result.Page is { } page)
        {
            foreach (var (key, _) in page.Keys) bytes += key.Length + 8;
            return bytes;
        }

        if (result.States is { } states)
        {
            for (var i = 0; i < states.Count; i++) bytes += states[i]?.ApproximateBytes ?? 0;
            return Math.Min(bytes, MaxValuesBytes);
        }

        if (part is null || result.State is not { } state || part.Contains) return 0;
        return part.PartCase switch
        {
            Read.PartOneofCase.None when part.Path.Count == 0 => state.ApproximateBytes,
            Read.PartOneofCase.Count or Read.PartOneofCase.ScoreOf or Read.PartOneofCase.RankOf or Read.PartOneofCase.Expiry => 0,
            _ => Math.Min(state.ApproximateBytes, MaxPartBytes),
        };
    }

    private static Value InMap(CrdtMap map, Read read)
    {
        for (var i = 0; i + 1 < read.Path.Count; i++)
        {
            if (!map.TryGet(Wire.ToBytes(read.Path[i]), CrdtType.Map, out var inner)) return new Value();
            map = (CrdtMap)inner;
        }

        var name = Wire.ToBytes(read.Path[^1]);
        if (Wire.ToType(read.Type) is { } type) return map.TryGet(name, type, out var field) ? Of(field, read) : new Value();

        // A name may hold several types, created on two sides of a cut: all of them are the answer.
        var fields = new MapValue();
        foreach (var held in TypesOf(map, name))
            fields.Fields.Add(new FieldValue { Field = read.Path[^1], Value = Of(held, read) });
        return fields.Fields.Count == 0 ? new Value() : new Value { Map = fields, Type = Protocol.ValueType.Map };
    }

    private static IEnumerable<Crdt.Crdt> TypesOf(CrdtMap map, Bytes name)
    {
        foreach (var type in Enum.GetValues<CrdtType>())
            if (map.TryGet(name, type, out var held)) yield return held;
    }

    private static Value Of(Crdt.Crdt state, Read read)
    {
        var value = read.Contains ? new Value { Contains = Set(state, read).Contains(Wire.ToBytes(read.Element)) } : Part(state, read);
        value.Type = Wire.ToValueType(state.Type);
        return value;
    }

    private static Value Part(Crdt.Crdt state, Read read) => (read.PartCase, state) switch
    {
        (Read.PartOneofCase.None, _) => WireValues.Whole(state),
        (Read.PartOneofCase.Count, CrdtSet set) => Count(set.Count),
        (Read.PartOneofCase.Count, CrdtMap map) => Count(map.Count),
        (Read.PartOneofCase.Count, SortedSet set) => Count(set.Count),
        (Read.PartOneofCase.Count, HyperLogLog elements) => new Value { Distinct = (ulong)elements.Estimate },
        (Read.PartOneofCase.Page, CrdtSet set) => Page(set, read.Page),
        (Read.PartOneofCase.Page, CrdtMap map) => Page(map, read.Page),
        (Read.PartOneofCase.Count, Sequence sequence) => Count(sequence.Count),
        (Read.PartOneofCase.Count, Text text) => Count(text.Length),
        (Read.PartOneofCase.Span, Sequence sequence) => Span(sequence, read.Span),
        (Read.PartOneofCase.Span, Text text) => Span(text, read.Span),
        (Read.PartOneofCase.JsonPath, JsonDocument document) =>
            document.Get(read.JsonPath) is { } json ? new Value { Json = json } : new Value(),
        (Read.PartOneofCase.ScoreOf, SortedSet set) =>
            set.TryGetScore(Wire.ToBytes(read.ScoreOf), out var score) ? new Value { Number = score } : new Value(),
        (Read.PartOneofCase.RankOf, SortedSet set) => set.TryGetRank(Wire.ToBytes(read.RankOf), out var rank) ? Count(rank) : new Value(),
        (Read.PartOneofCase.Ranks, SortedSet set) =>
            Members(set.RangeByRank(WireOperations.ToIndex(read.Ranks.Start), (int)read.Ranks.Count)),
        (Read.PartOneofCase.Scores, SortedSet set) => Members(set.RangeByScore(read.Scores.Min, read.Scores.Max, (int)read.Scores.Limit)),
        _ => throw No(state, read),
    };

    private static CrdtSet Set(Crdt.Crdt state, Read read) => state as CrdtSet ?? throw No(state, read);

    private static Value Count(int count) => new() { Count = (ulong)count };

    private static Value Page(CrdtSet set, Page page)
    {
        var (members, next) = set.Page(page.Cursor.IsEmpty ? null : Wire.ToBytes(page.Cursor), (int)page.Limit);
        var value = new PageValue();
        foreach (var member in members) value.Elements.Add(Wire.ToByteString(member));
        if (next is { } cursor) value.Next = Wire.ToByteString(cursor);
        return new Value { Page = value };
    }

    private static Value Span(Sequence sequence, Span span)
    {
        var (start, count) = Within(span, sequence.Count);
        return new Value { Sequence = WireValues.Elements(sequence.Range(start, count)) };
    }

    private static Value Span(Text text, Span span)
    {
        var (start, count) = Within(span, text.Length);
        return new Value { Text = text.Substring(start, count) };
    }

    /// <summary>As much of what is asked for as there is.</summary>
    private static (int Start, int Count) Within(Span span, int length)
    {
        var start = Math.Min(WireOperations.ToIndex(span.Start), length);
        return (start, Math.Min(WireOperations.ToIndex(span.Count), length - start));
    }

    private static Value Members(ReadOnlySpan<Crdt.ScoredMember> members) => new() { SortedSet = WireValues.Members(members) };

    // A cursor into a map is the last field returned: its type, then its name.
    private static Value Page(CrdtMap map, Page page)
    {
        if (!page.Cursor.IsEmpty && !Enum.IsDefined((CrdtType)page.Cursor[0]))
            throw new ArgumentException("the cursor is none of a map's page: pass on what the page before answered, or nothing to begin");
        MapField? after = page.Cursor.IsEmpty ? null : new MapField(new Bytes(page.Cursor.Span[1..]), (CrdtType)page.Cursor[0]);
        var fields = map.Page(after, (int)page.Limit);
        var value = new PageValue();
        foreach (var (field, state) in fields)
            value.Fields.Add(new FieldValue { Field = Wire.ToByteString(field.Name), Value = WireValues.Whole(state) });
        if (fields.Length == page.Limit)
            value.Next = Google.Protobuf.ByteString.CopyFrom([(byte)fields[^1].Key.Type, .. fields[^1].Key.Name.Span]);
        return new Value { Page = value };
    }

    private static WrongTypeException No(Crdt.Crdt state, Read read) =>
        new($"a {state.Type} is held there, which has no {(read.Contains ? "elements to be asked for" : NameOf(read.PartCase))}");

    private static string NameOf(Read.PartOneofCase part) => part switch
    {
        Read.PartOneofCase.Count => "count",
        Read.PartOneofCase.Page => "pages",
        Read.PartOneofCase.Span => "part from one place to another",
        Read.PartOneofCase.ScoreOf or Read.PartOneofCase.Scores => "scores",
        Read.PartOneofCase.RankOf or Read.PartOneofCase.Ranks => "ranks",
        Read.PartOneofCase.JsonPath => "paths",
        _ => "such part",
    };
}
