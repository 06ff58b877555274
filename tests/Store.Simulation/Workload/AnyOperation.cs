using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Simulation.Workload;

/// <summary>Random operations of every type, over so few elements and positions that they collide.</summary>
internal static class AnyOperation
{
    public static readonly CrdtType[] Types =
    [
        CrdtType.Counter, CrdtType.Set, CrdtType.Register, CrdtType.MultiRegister, CrdtType.Flag, CrdtType.Map,
        CrdtType.GrowOnlyCounter, CrdtType.BoundedCounter, CrdtType.MaxRegister, CrdtType.MinRegister, CrdtType.DisableWinsFlag,
        CrdtType.GrowOnlySet, CrdtType.RemoveWinsSet, CrdtType.SortedSet,
        CrdtType.Sequence, CrdtType.Text, CrdtType.Json, CrdtType.HyperLogLog,
    ];

    public static Operation Of(CrdtType type, Random random, int depth = 0)
    {
        var value = Bytes.FromText($"v{random.Next(4)}");
        return type switch
        {
            CrdtType.Counter => random.Next(4) == 0 ? new CounterReset() : new CounterIncrement(random.Next(-3, 4)),
            CrdtType.GrowOnlyCounter => new CounterIncrement(random.Next(4), type),
            CrdtType.BoundedCounter => new CounterIncrement(random.Next(-3, 5), type),
            CrdtType.MaxRegister or CrdtType.MinRegister => new ExtremumAssign(type, random.Next(-9, 10)),
            CrdtType.Register or CrdtType.MultiRegister => new RegisterAssign(type, value),
            CrdtType.Flag or CrdtType.DisableWinsFlag => random.Next(2) == 0 ? new FlagEnable(type) : new FlagDisable(type),
            CrdtType.GrowOnlySet => new SetAdd([value], type),
            CrdtType.Set or CrdtType.RemoveWinsSet => random.Next(5) switch
            {
                < 2 => new SetAdd([value, Bytes.FromText("w")], type),
                < 4 => new SetRemove([value], type),
                _ => new SetClear(type),
            },
            CrdtType.SortedSet => random.Next(4) switch
            {
                0 => new SortedSetRemove([value]),
                1 => new SortedSetAssign([new ScoredMember(value, random.Next(5))]),
                _ => new SortedSetIncrement(value, random.Next(-2, 4)),
            },
            CrdtType.Sequence => random.Next(3) == 0
                ? new SequenceDelete(0, 1)
                : new SequenceInsert(random.Next(3) == 0 ? 0 : SequenceInsert.AtEnd, [value, value]),
            CrdtType.Text => random.Next(3) == 0
                ? new TextDelete(random.Next(2), 1)
                : new TextInsert(random.Next(3) == 0 ? 0 : TextInsert.AtEnd, $"{value}{value}"),
            CrdtType.HyperLogLog => new HyperLogLogAdd([value]),
            CrdtType.Json => random.Next(8) switch
            {
                0 => new JsonSet("", """{"list":[],"at":{}}"""),
                < 4 => new JsonInsert("/list/-", $"{random.Next(9)}"),
                4 => new JsonRemove("/list/0"),
                5 => new JsonRemove("/at"),
                _ => new JsonSet($"/at/{value}", $"{random.Next(9)}"),
            },
            CrdtType.Map => random.Next(4) == 0
                ? new MapRemove([value])
                : new MapUpdate([
                    new FieldOperation(value, Of(AnyField(random, depth), random, depth + 1)),
                    new FieldOperation(Bytes.FromText("f"), new SetAdd([value])),
                ]),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no operations"),
        };
    }

    private static CrdtType AnyField(Random random, int depth)
    {
        var type = Types[random.Next(Types.Length)];
        return type == CrdtType.Map && depth >= 2 ? CrdtType.Counter : type;
    }
}
