namespace Gossipdb.Crdt.Tests;

/// <summary>A state and a delta of every type, made the same way at every run.</summary>
internal static class Samples
{
    private static readonly Bytes F = Bytes.FromText("f");

    public static IEnumerable<(string Name, Crdt State)> All()
    {
        var id = new OperationId(0x0102030405060708, 9, 1_700_000_000_000);

        var counter = new SimulatedReplica(CrdtType.Counter, 0xA);
        var other = new SimulatedReplica(CrdtType.Counter, 0xB);
        yield return ("counter: increment", counter.Do(new CounterIncrement(5)).Delta);
        counter.Apply(other.Do(new CounterIncrement(-3), id));
        yield return ("counter: tagged increment", counter.Do(new CounterIncrement(300), id with { Number = 10 }).Delta);
        yield return ("counter: state with tags", counter.State.Copy());
        yield return ("counter: reset", counter.Do(new CounterReset()).Delta);
        counter.Do(new CounterIncrement(1));
        yield return ("counter: state after a reset", counter.State);

        var set = new SimulatedReplica(CrdtType.Set, 0xA);
        yield return ("set: add", set.Do(new SetAdd([Bytes.FromText("b"), Bytes.FromText("a")])).Delta);
        yield return ("set: remove", set.Do(new SetRemove([Bytes.FromText("b")])).Delta);
        set.Join(With(CrdtType.Set, new SetAdd([Bytes.FromText("a")])), whole: true);
        yield return ("set: state with two dots", set.State);
        yield return ("set: clear", set.State.Clear(Context()));

        foreach (var type in new[] { CrdtType.Register, CrdtType.MultiRegister })
        {
            var register = With(type, new RegisterAssign(type, Bytes.FromText("v")));
            var concurrent = new SimulatedReplica(type, 0xA);
            concurrent.Do(new RegisterAssign(type, Bytes.FromText("w")), physical: 1_700_000_000_000);
            register.Join(concurrent, whole: true);
            yield return ($"{type}: siblings", register.State);
        }

        yield return ("flag: enabled", With(CrdtType.Flag, new FlagEnable()).State);

        var map = new SimulatedReplica(CrdtType.Map, 0xA);
        var update = new MapUpdate([new(F, new FlagEnable()), new(F, new CounterIncrement(2)), new(Bytes.FromText("e"), new MapUpdate([new(F, new SetAdd([F]))]))]);
        yield return ("map: update", map.Do(update).Delta);
        yield return ("map: state", map.State.Copy());
        yield return ("map: remove", map.Do(new MapRemove([F])).Delta);
        yield return ("map: state with a husk", map.State);
    }

    private static SimulatedReplica With(CrdtType type, Operation operation)
    {
        var replica = new SimulatedReplica(type, 0xB);
        replica.Do(operation);
        return replica;
    }

    private static UpdateContext Context() => new(new ReplicaId(1), new VersionVector(), default, default);
}
