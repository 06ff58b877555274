using System.Runtime.InteropServices;
using Gossipdb.Crdt;
using Gossipdb.Protocol;
using Google.Protobuf;

namespace Gossipdb.Node.Server;

/// <summary>Translates between the wire contract and the types of the core. Nothing else knows both.</summary>
internal static class Wire
{
    /// <summary>Nested maps deeper than this are refused.</summary>
    public const int MaxDepth = 16;

    /// <summary>The bytes of a protobuf field, without a copy: messages are not changed once parsed.</summary>
    public static Bytes ToBytes(ByteString bytes) =>
        MemoryMarshal.TryGetArray(bytes.Memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? new Bytes(segment.Array)
            : new Bytes(bytes.Span);

    /// <summary>A byte string as protobuf wants it, without a copy.</summary>
    public static ByteString ToByteString(Bytes bytes) => UnsafeByteOperations.UnsafeWrap(bytes.Memory);

    public static Clock ToClock(int partition, VersionVector clock)
    {
        var message = new Clock { Partition = (uint)partition };
        foreach (var entry in clock.Entries) message.Entries.Add(new VectorEntry { Replica = entry.Replica.Value, Sequence = entry.Sequence });
        return message;
    }

    public static VersionVector ToVector(Clock clock)
    {
        var vector = new VersionVector();
        foreach (var entry in clock.Entries) vector.Advance(new ReplicaId(entry.Replica), entry.Sequence);
        return vector;
    }

    public static CrdtType? ToType(Protocol.ValueType type) => type == Protocol.ValueType.None ? null : (CrdtType)type;

    public static Protocol.ValueType ToValueType(CrdtType type) => (Protocol.ValueType)type;

    /// <summary>The operation a request asks for.</summary>
    /// <exception cref="ArgumentException">It names none, nests too deep, or holds more than <paramref name="maxBatch"/> elements.</exception>
    public static Operation ToOperation(Update update, int maxBatch, int depth = 0)
    {
        if (depth > MaxDepth) throw new ArgumentException($"maps are nested deeper than {MaxDepth}");
        return update.OperationCase switch
        {
            Update.OperationOneofCase.CounterIncrement => new Crdt.CounterIncrement(update.CounterIncrement.Amount),
            Update.OperationOneofCase.CounterReset => new CounterReset(),
            Update.OperationOneofCase.SetAdd => new SetAdd(ToElements(update.SetAdd.Elements_, maxBatch)),
            Update.OperationOneofCase.SetRemove => new SetRemove(ToElements(update.SetRemove.Elements_, maxBatch)),
            Update.OperationOneofCase.SetClear => new SetClear(),
            Update.OperationOneofCase.RegisterAssign => new RegisterAssign(
                update.RegisterAssign.MultiValue ? CrdtType.MultiRegister : CrdtType.Register, ToBytes(update.RegisterAssign.Value)),
            Update.OperationOneofCase.Flag => update.Flag ? new FlagEnable() : new FlagDisable(),
            Update.OperationOneofCase.MapUpdate => ToMapUpdate(update.MapUpdate, maxBatch, depth),
            Update.OperationOneofCase.MapRemove => new Crdt.MapRemove(ToElements(update.MapRemove.Fields, maxBatch)),
            _ => throw new ArgumentException("the update names no operation"),
        };
    }

    /// <summary>What a reader sees of a state; of a set only whether it holds <paramref name="contains"/>, where that is given.</summary>
    public static Value ToValue(Crdt.Crdt? state, Bytes? contains = null)
    {
        if (contains is { } element) return new Value { Contains = state is AddWinsSet searched && searched.Contains(element) };
        switch (state)
        {
            case null:
                return new Value();
            case PNCounter counter:
                return new Value { Counter = counter.Value };
            case AddWinsSet set:
                var elements = new Elements();
                foreach (var member in set.Elements()) elements.Elements_.Add(ToByteString(member));
                return new Value { Set = elements };
            case Register { Type: CrdtType.Register } register:
                return !register.TryGetLatest(out var latest) ? new Value() : new Value { Register = new Protocol.RegisterValue { Value = ToByteString(latest.Value), TimestampUnixMs = latest.Timestamp.UnixMilliseconds } };
            case Register siblings:
                var values = new Elements();
                foreach (var sibling in siblings.Siblings) values.Elements_.Add(ToByteString(sibling.Value));
                return new Value { MultiRegister = values };
            case EnableWinsFlag flag:
                return new Value { Flag = flag.IsEnabled };
            case CrdtMap map:
                var fields = new MapValue();
                foreach (var field in map.Fields()) fields.Fields.Add(new FieldValue { Field = ToByteString(field.Key.Name), Value = ToValue(field.Value) });
                return new Value { Map = fields };
            default:
                throw new InvalidOperationException($"no value for {state.Type}");
        }
    }

    private static Crdt.MapUpdate ToMapUpdate(Protocol.MapUpdate update, int maxBatch, int depth)
    {
        Limit(update.Fields.Count, maxBatch);
        var fields = new FieldOperation[update.Fields.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var field = update.Fields[i];
            if (field.Update is null) throw new ArgumentException("a field of the map update names no operation");
            fields[i] = new FieldOperation(ToBytes(field.Field), ToOperation(field.Update, maxBatch, depth + 1));
        }

        return new Crdt.MapUpdate(fields);
    }

    private static Bytes[] ToElements(IReadOnlyList<ByteString> elements, int maxBatch)
    {
        Limit(elements.Count, maxBatch);
        var result = new Bytes[elements.Count];
        for (var i = 0; i < result.Length; i++) result[i] = ToBytes(elements[i]);
        return result;
    }

    private static void Limit(int count, int maxBatch)
    {
        if (count == 0) throw new ArgumentException("the operation names no element or field");
        if (count > maxBatch) throw new ArgumentException($"the operation names {count} elements or fields; the limit is {maxBatch}");
    }
}
