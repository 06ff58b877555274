using CsCheck;

namespace Gossipdb.Crdt.Tests;

/// <summary>Random operations per type, over so few elements, ids and times that they collide.</summary>
internal static class Operations
{
    private static readonly Gen<Bytes> Element = Gen.Int[0, 2].Select(i => Bytes.FromText("abc"[i].ToString()));
    private static readonly Gen<Bytes> Field = Gen.Int[0, 1].Select(i => Bytes.FromText("fg"[i].ToString()));
    private static readonly Gen<IReadOnlyList<Bytes>> Elements = Element.Array[1, 3].Select(a => (IReadOnlyList<Bytes>)a);

    // One time in three a client reuses an id with another amount: wrong of it, and no reason to diverge.
    private static readonly Gen<OperationId> Id = Gen.Frequency(
        (1, Gen.Const(OperationId.None)),
        (1, Gen.Select(Gen.ULong[1, 2], Gen.ULong[0, 2], Gen.Long[5, 6]).Select((client, number, deadline) => new OperationId(client, number, deadline))));

    public static Gen<Operation> Of(CrdtType type) => Gen.Frequency((12, Own(type, depth: 0)), (1, Gen.Const((Operation)new Delete(type))));

    public static Gen<Step[]> Schedule(CrdtType type)
    {
        var replica = Gen.Int[0, 2];
        var @do = Gen.Select(replica, Of(type), Id, Gen.Int[0, 3]).Select((to, operation, id, physical) => (Step)new Step.Do(to, operation, id, physical));
        var deliver = Gen.Select(replica, Gen.Int[0, 5]).Select((to, choice) => (Step)new Step.Deliver(to, choice));
        var join = Gen.Select(replica, Gen.Int[1, 2], Gen.Bool).Select((to, other, whole) => (Step)new Step.JoinState(to, (to + other) % 3, whole));
        return Gen.Frequency((6, @do), (7, deliver), (2, join)).Array[0, 24];
    }

    private static Gen<Operation> Own(CrdtType type, int depth) => type switch
    {
        CrdtType.Counter => Gen.Frequency(
            (4, Gen.Long[-3, 3].Select(amount => (Operation)new CounterIncrement(amount))),
            (1, Gen.Const((Operation)new CounterReset()))),
        CrdtType.Set => Gen.Frequency(
            (4, Elements.Select(e => (Operation)new SetAdd(e))),
            (3, Elements.Select(e => (Operation)new SetRemove(e))),
            (1, Gen.Const((Operation)new SetClear()))),
        CrdtType.Register or CrdtType.MultiRegister => Element.Select(v => (Operation)new RegisterAssign(type, v)),
        CrdtType.Flag => Gen.Bool.Select(on => on ? (Operation)new FlagEnable() : new FlagDisable()),
        CrdtType.Map => Gen.Frequency(
            (3, FieldOperation(depth).Array[1, 3].Select(f => (Operation)new MapUpdate([.. f.DistinctBy(o => (o.Field, o.Operation.Type))]))),
            (1, Field.Array[1, 2].Select(f => (Operation)new MapRemove(f)))),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static Gen<FieldOperation> FieldOperation(int depth)
    {
        var counters = Own(CrdtType.Counter, depth);
        var others = new[] { CrdtType.Set, CrdtType.Register, CrdtType.MultiRegister, CrdtType.Flag }.Select(t => Own(t, depth)).ToArray();
        var leaf = Gen.Frequency((2, counters), (3, Gen.OneOf(others)));
        var operation = depth == 2 ? leaf : Gen.Frequency((3, leaf), (1, Own(CrdtType.Map, depth + 1)));
        return Gen.Select(Field, operation).Select((field, op) => new FieldOperation(field, op));
    }
}
