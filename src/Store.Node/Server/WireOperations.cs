using Google.Protobuf;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>From the operations of the wire contract to those of the core.</summary>
internal static class WireOperations
{
    /// <summary>Nested maps deeper than this are refused.</summary>
    public const int MaxDepth = 16;

    /// <summary>The operation a request asks for.</summary>
    /// <exception cref="ArgumentException">It names none, nests too deep, or holds more than <paramref name="maxBatch"/>
    /// elements.</exception>
    public static Operation ToOperation(Update update, int maxBatch, int depth = 0)
    {
        if (depth > MaxDepth) throw new ArgumentException($"maps are nested deeper than {MaxDepth}");
        if (update.Type != Protocol.ValueType.None && OnlyTypeOf(update) is { } only) _ = TypeOf(update, only);
        return update.OperationCase switch
        {
            Update.OperationOneofCase.CounterIncrement => new Crdt.CounterIncrement(
                update.CounterIncrement.Amount, TypeOf(update, CrdtType.Counter, CrdtType.GrowOnlyCounter, CrdtType.BoundedCounter)),
            Update.OperationOneofCase.CounterReset => new CounterReset(),
            Update.OperationOneofCase.SetAdd => new SetAdd(ToBytes(update.SetAdd.Elements_, maxBatch), SetTypeOf(update)),
            Update.OperationOneofCase.SetRemove => new SetRemove(ToBytes(update.SetRemove.Elements_, maxBatch), SetTypeOf(update)),
            Update.OperationOneofCase.SetClear => new SetClear(SetTypeOf(update)),
            Update.OperationOneofCase.RegisterAssign => new RegisterAssign(
                update.RegisterAssign.MultiValue ? CrdtType.MultiRegister : CrdtType.Register, Wire.ToBytes(update.RegisterAssign.Value)),
            Update.OperationOneofCase.NumberAssign =>
                new ExtremumAssign(TypeOf(update, CrdtType.MaxRegister, CrdtType.MinRegister), update.NumberAssign),
            Update.OperationOneofCase.Flag => ToFlag(update.Flag, TypeOf(update, CrdtType.Flag, CrdtType.DisableWinsFlag)),
            Update.OperationOneofCase.MapUpdate => ToMapUpdate(update.MapUpdate, maxBatch, depth),
            Update.OperationOneofCase.MapRemove => new Crdt.MapRemove(ToBytes(update.MapRemove.Fields, maxBatch)),
            Update.OperationOneofCase.SortedSetAssign => new SortedSetAssign(ToMembers(update.SortedSetAssign.Members, maxBatch)),
            Update.OperationOneofCase.SortedSetIncrement =>
                new SortedSetIncrement(Wire.ToBytes(update.SortedSetIncrement.Member), update.SortedSetIncrement.Score),
            Update.OperationOneofCase.SortedSetRemove => new SortedSetRemove(ToBytes(update.SortedSetRemove.Elements_, maxBatch)),
            Update.OperationOneofCase.SequenceInsert =>
                new Crdt.SequenceInsert(ToIndex(update.SequenceInsert.Index), ToBytes(update.SequenceInsert.Values, maxBatch)),
            Update.OperationOneofCase.SequenceDelete =>
                new SequenceDelete(ToIndex(update.SequenceDelete.Start), ToIndex(update.SequenceDelete.Count)),
            Update.OperationOneofCase.TextInsert => new Crdt.TextInsert(ToIndex(update.TextInsert.Position), update.TextInsert.Content),
            Update.OperationOneofCase.TextDelete => new TextDelete(ToIndex(update.TextDelete.Start), ToIndex(update.TextDelete.Count)),
            Update.OperationOneofCase.JsonSet => new JsonSet(update.JsonSet.Path, update.JsonSet.Value),
            Update.OperationOneofCase.JsonInsert => new JsonInsert(update.JsonInsert.Path, update.JsonInsert.Value),
            Update.OperationOneofCase.JsonRemove => new JsonRemove(update.JsonRemove),
            Update.OperationOneofCase.HyperLogLogAdd => new HyperLogLogAdd(ToBytes(update.HyperLogLogAdd.Elements_, maxBatch)),
            _ => throw new ArgumentException("the update names no operation, or one that this node does not know"),
        };
    }

    /// <summary>What a request restores.</summary>
    /// <exception cref="ArgumentException">It is no state of this or an earlier version.</exception>
    public static StateRestore ToRestore(Restore restore)
    {
        try
        {
            var reader = new ByteReader(restore.State.Span);
            var saved = Crdt.Crdt.Decode(ref reader);
            reader.ExpectEnd();
            if (saved.IsFragment || saved.Type == CrdtType.Expiry) throw new CorruptDataException("it is no whole object");
            return new StateRestore(saved, restore.ExpiresAtUnixMs == 0 ? Expiry.Never : restore.ExpiresAtUnixMs);
        }
        catch (CorruptDataException corrupt)
        {
            throw new ArgumentException($"the state to restore cannot be read: {corrupt.Message}", corrupt);
        }
    }

    /// <summary>The writes of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="keys">Its keys, in order.</param>
    /// <param name="maxBatch">The most elements an operation may hold.</param>
    /// <exception cref="ArgumentException">One of them names no action, or is refused as it would be alone.</exception>
    public static Replication.Contract.KeyWrite[] ToBatch(Batch batch, IReadOnlyList<Bytes> keys, int maxBatch)
    {
        var writes = new Replication.Contract.KeyWrite[keys.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            var write = batch.Writes[i];
            if (write.ActionCase == Protocol.KeyWrite.ActionOneofCase.None)
                throw new ArgumentException(
                    $"the batch does not say what to do with the key '{keys[i]}': one of update, delete, expire, restore");
            if (write.Operation is { Client: not 0 } && write.Restore is null)
                throw new ArgumentException($"the batch names an operation for the key '{keys[i]}': only a restore has a name of its own");
            writes[i] = new Replication.Contract.KeyWrite(
                keys[i],
                write.Restore is { } restore ? ToRestore(restore) : write.Update is null ? null : ToOperation(write.Update, maxBatch),
                ToLifetimeMs(write.Expire ?? (write.Update is null ? null : write.Lifetime)),
                ToId(write.Operation));
        }

        return writes;
    }

    /// <summary>The name of an operation; none where nothing is said.</summary>
    public static Crdt.Causality.OperationId ToId(Protocol.OperationId? id) =>
        id is null ? default : new Crdt.Causality.OperationId(id.Client, id.Number, id.DeadlineUnixMs, id.FirstAttempt);

    /// <summary>How long a key is to live, in milliseconds; null where nothing is said.</summary>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    public static long? ToLifetimeMs(Lifetime? lifetime)
    {
        if (lifetime is null) return null;
        if (lifetime.ForEver) return Replication.Contract.WriteRequest.ForEver;
        return Expiry.ProblemOf(lifetime.Milliseconds) is { } problem ? throw new ArgumentException(problem) : lifetime.Milliseconds;
    }

    /// <summary>A position or a count. What lies past the range of the core is past the end of everything.</summary>
    public static int ToIndex(uint value) => (int)Math.Min(value, int.MaxValue);

    private static Operation ToFlag(bool on, CrdtType type) => on ? new FlagEnable(type) : new FlagDisable(type);

    private static CrdtType SetTypeOf(Update update) => TypeOf(update, CrdtType.Set, CrdtType.GrowOnlySet, CrdtType.RemoveWinsSet);

    private static CrdtType TypeOf(Update update, params ReadOnlySpan<CrdtType> possible)
    {
        if (update.Type == Protocol.ValueType.None) return possible[0];
        var type = (CrdtType)update.Type;
        if (possible.Contains(type)) return type;
        var types = new List<string>(possible.Length);
        foreach (var each in possible) types.Add($"{Wire.ToValueType(each)}");
        throw new ArgumentException(
            $"{update.OperationCase} is not an operation of a {update.Type}: the type is {string.Join(" or ", types)}, or is left out");
    }

    /// <summary>The type of an operation that no other type has; null of those that several have.</summary>
    private static CrdtType? OnlyTypeOf(Update update) => update.OperationCase switch
    {
        Update.OperationOneofCase.CounterReset => CrdtType.Counter,
        Update.OperationOneofCase.RegisterAssign => update.RegisterAssign.MultiValue ? CrdtType.MultiRegister : CrdtType.Register,
        Update.OperationOneofCase.MapUpdate or Update.OperationOneofCase.MapRemove => CrdtType.Map,
        Update.OperationOneofCase.SortedSetAssign or Update.OperationOneofCase.SortedSetIncrement
            or Update.OperationOneofCase.SortedSetRemove => CrdtType.SortedSet,
        Update.OperationOneofCase.SequenceInsert or Update.OperationOneofCase.SequenceDelete => CrdtType.Sequence,
        Update.OperationOneofCase.TextInsert or Update.OperationOneofCase.TextDelete => CrdtType.Text,
        Update.OperationOneofCase.JsonSet or Update.OperationOneofCase.JsonInsert or Update.OperationOneofCase.JsonRemove => CrdtType.Json,
        Update.OperationOneofCase.HyperLogLogAdd => CrdtType.HyperLogLog,
        _ => null,
    };

    private static Crdt.MapUpdate ToMapUpdate(Protocol.MapUpdate update, int maxBatch, int depth)
    {
        Limit(update.Fields.Count, maxBatch);
        var fields = new FieldOperation[update.Fields.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var field = update.Fields[i];
            fields[i] = ToFieldOperation(field, Wire.ToBytes(field.Field), maxBatch, depth + 1);
        }

        return new Crdt.MapUpdate(fields);
    }

    private static FieldOperation ToFieldOperation(FieldUpdate field, Bytes name, int maxBatch, int depth)
    {
        try
        {
            return new FieldOperation(name, ToOperation(field.Update ?? new Update(), maxBatch, depth));
        }
        catch (ArgumentException wrong)
        {
            throw new ArgumentException($"field '{name.ToDisplayString()}': {wrong.Message}", wrong);
        }
    }

    private static Crdt.ScoredMember[] ToMembers(IReadOnlyList<Protocol.ScoredMember> members, int maxBatch)
    {
        Limit(members.Count, maxBatch);
        var result = new Crdt.ScoredMember[members.Count];
        for (var i = 0; i < result.Length; i++) result[i] = new Crdt.ScoredMember(Wire.ToBytes(members[i].Member), members[i].Score);
        return result;
    }

    private static Bytes[] ToBytes(IReadOnlyList<ByteString> elements, int maxBatch)
    {
        Limit(elements.Count, maxBatch);
        var result = new Bytes[elements.Count];
        for (var i = 0; i < result.Length; i++) result[i] = Wire.ToBytes(elements[i]);
        return result;
    }

    private static void Limit(int count, int maxBatch)
    {
        if (count == 0) throw new ArgumentException("the operation names no element or field");
        if (count > maxBatch) throw new ArgumentException($"the operation names {count} elements or fields; the limit is {maxBatch}");
    }
}
