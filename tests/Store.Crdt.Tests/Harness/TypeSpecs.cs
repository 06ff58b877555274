using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Tests.Counters;
using Gossipdb.Crdt.Tests.Flags;
using Gossipdb.Crdt.Tests.Json;
using Gossipdb.Crdt.Tests.Maps;
using Gossipdb.Crdt.Tests.Registers;
using Gossipdb.Crdt.Tests.Sequences;
using Gossipdb.Crdt.Tests.Sets;
using Gossipdb.Crdt.Tests.Sketches;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>The specifications of all types, and what they share.</summary>
internal static class TypeSpecs
{
    public static readonly Gen<Bytes> Element = Gen.Int[0, 2].Select(i => Bytes.FromText("abc"[i].ToString()));

    public static readonly Gen<IReadOnlyList<Bytes>> Elements = Element.Array[1, 3].Select(a => (IReadOnlyList<Bytes>)a);

    // One time in three a client reuses an id with another amount: wrong of it, and no reason to diverge.
    private static readonly Gen<OperationId> Id = Gen.Frequency(
        (1, Gen.Const(OperationId.None)),
        (1, Gen.Select(Gen.ULong[1, 2], Gen.ULong[0, 2], Gen.Long[5, 6]).Select((client, number, deadline) =>
            new OperationId(client, number, deadline))));

    public static readonly IReadOnlyList<TypeSpec> All =
    [
        new AddWinsSetSpec(CrdtType.Set),
        new CounterSpec(CrdtType.Counter),
        new RegisterSpec(CrdtType.Register),
        new RegisterSpec(CrdtType.MultiRegister),
        new EnableWinsFlagSpec(),
        new MapSpec(),
        new ExpirySpec(),
        new AddWinsSetSpec(CrdtType.GrowOnlySet),
        new RemoveWinsSetSpec(),
        new CounterSpec(CrdtType.GrowOnlyCounter),
        new BoundedCounterSpec(),
        new ExtremumRegisterSpec(CrdtType.MaxRegister),
        new ExtremumRegisterSpec(CrdtType.MinRegister),
        new DisableWinsFlagSpec(),
        new SortedSetSpec(),
        new HyperLogLogSpec(),
        new SequenceSpec(),
        new TextSpec(),
        new JsonDocumentSpec(),
    ];

    public static TypeSpec Of(CrdtType type) => All.Single(spec => spec.Type == type);

    /// <summary>Operations, deliveries and joins over three replicas, with restarts, stable cuts and collections in between.</summary>
    public static Gen<Step[]> Schedule(CrdtType type)
    {
        var replica = Gen.Int[0, 2];
        var operation = Gen.Frequency((12, Of(type).Operations(depth: 0)), (1, Gen.Const((Operation)new Delete(type))));
        var @do = Gen.Select(replica, operation, Id, Gen.Int[0, 3], Gen.Bool).Select((to, what, id, physical, isFirst) =>
            (Step)new Step.Do(to, what, id, physical, isFirst));
        var deliver = Gen.Select(replica, Gen.Int[0, 5]).Select((to, choice) => (Step)new Step.Deliver(to, choice));
        var join = Gen.Select(replica, Gen.Int[1, 2], Gen.Bool).Select((to, other, whole) =>
            (Step)new Step.JoinState(to, (to + other) % 3, whole));
        var restart = replica.Select(to => (Step)new Step.Restart(to));
        var agree = Gen.Bool.Select(pass => (Step)new Step.Agree(pass));
        var collect = replica.Select(to => (Step)new Step.Collect(to));
        return Gen.Frequency((24, @do), (28, deliver), (8, join), (2, restart), (3, agree), (6, collect)).Array[0, 24];
    }
}
