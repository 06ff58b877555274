using Gossipdb.Crdt;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Flags;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Sketches;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>From states to the values readers see.</summary>
internal static class WireValues
{
    /// <summary>All a reader sees of a state.</summary>
    public static Value Whole(Crdt.Crdt state)
    {
        var value = Of(state);
        value.Type = Wire.ToValueType(state.Type);
        return value;
    }

    private static Value Of(Crdt.Crdt state) => state switch
    {
        PNCounter counter => new Value { Counter = counter.Value },
        BoundedCounter counter => new Value { Counter = counter.Value },
        CrdtSet set => new Value { Set = Elements(set.Elements()) },
        Register { Type: CrdtType.Register } register => Latest(register),
        Register siblings => Siblings(siblings),
        ExtremumRegister register => register.TryGetValue(out var number) ? new Value { Number = number } : new Value(),
        EnableWinsFlag flag => new Value { Flag = flag.IsEnabled },
        DisableWinsFlag flag => new Value { Flag = flag.IsEnabled },
        HyperLogLog elements => new Value { Distinct = (ulong)elements.Estimate },
        SortedSet set => new Value { SortedSet = Members(set.RangeByRank(0, set.Count)) },
        Sequence sequence => new Value { Sequence = Elements(sequence.Range(0, sequence.Count)) },
        Text text => new Value { Text = text.ToString() },
        JsonDocument document => new Value { Json = document.ToJson() },
        CrdtMap map => Fields(map),
        _ => throw new InvalidOperationException($"no value for {state.Type}"),
    };

    /// <summary>Byte strings in their order.</summary>
    public static Elements Elements(ReadOnlySpan<Bytes> elements)
    {
        var result = new Elements();
        foreach (var element in elements) result.Elements_.Add(Wire.ToByteString(element));
        return result;
    }

    /// <summary>Members with scores, in their order.</summary>
    public static ScoredMembers Members(ReadOnlySpan<Crdt.ScoredMember> members)
    {
        var result = new ScoredMembers();
        foreach (var member in members)
            result.Members.Add(new Protocol.ScoredMember { Member = Wire.ToByteString(member.Member), Score = member.Score });
        return result;
    }

    private static Value Latest(Register register) => !register.TryGetLatest(out var latest) ? new Value() : new Value
    {
        Register = new Protocol.RegisterValue
        {
            Value = Wire.ToByteString(latest.Value),
            TimestampUnixMs = latest.Timestamp.UnixMilliseconds,
        },
    };

    private static Value Siblings(Register register)
    {
        var values = new Elements();
        foreach (var sibling in register.Siblings) values.Elements_.Add(Wire.ToByteString(sibling.Value));
        return new Value { MultiRegister = values };
    }

    private static Value Fields(CrdtMap map)
    {
        var fields = new MapValue();
        foreach (var field in map.Fields())
            fields.Fields.Add(new FieldValue { Field = Wire.ToByteString(field.Key.Name), Value = Whole(field.Value) });
        return new Value { Map = fields };
    }
}
