using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Maps;

internal sealed class MapSpec() : TypeSpec(CrdtType.Map)
{
    private static readonly Gen<Bytes> Field = Gen.Int[0, 1].Select(i => Bytes.FromText("fg"[i].ToString()));

    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (3, FieldOperation(depth).Array[1, 3].Select(f => (Operation)new MapUpdate([.. f.DistinctBy(o => (o.Field, o.Operation.Type))]))),
        (1, Field.Array[1, 2].Select(f => (Operation)new MapRemove(f))));

    /// <summary>Each (field, type) has the history of its own operations; removing a field, or the map, is a deletion in it.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var fields = new SortedDictionary<MapField, List<Step>>();
        foreach (var (name, operation) in history.Select(s => s.Operation).OfType<MapUpdate>().SelectMany(u => u.Fields))
            fields[new MapField(name, operation.Type)] = [];

        foreach (var (field, steps) in fields)
        {
            foreach (var step in history)
            {
                if (step.Operation is Delete || (step.Operation is MapRemove remove && remove.Fields.Contains(field.Name)))
                    steps.Add(new Step(step.Event, new Delete(field.Type)));
                if (step.Operation is not MapUpdate update) continue;
                steps.AddRange(update.Fields.Where(f => f.Field == field.Name && f.Operation.Type == field.Type).Select(f =>
                    new Step(step.Event, f.Operation)));
            }
        }

        var visible = fields.Select(f => (f.Key, Value: TypeSpecs.Of(f.Key.Type).Value(f.Value))).Where(f => f.Value is not null).ToList();
        return visible.Count == 0 ? null : "{" + string.Join("; ", visible.Select(f => $"{f.Key}={f.Value}")) + "}";
    }

    public override string Read(Crdt state) =>
        "{" + string.Join("; ", ((CrdtMap)state).Fields().Select(f => $"{f.Key}={f.Value.Read()}")) + "}";

    public override Operation Fit(Operation operation, Crdt state) => operation is not MapUpdate update ? operation : new MapUpdate([
        .. update.Fields.Select(f => f with
        {
            Operation = TypeSpecs.Of(f.Operation.Type).Fit(
                f.Operation, ((CrdtMap)state).TryGet(f.Field, f.Operation.Type, out var inner) ? inner : Crdt.Bottom(f.Operation.Type)),
        })]);

    public override string Print(Operation operation) => operation switch
    {
        MapUpdate { Fields: var fields } =>
            $"update {string.Join("; ", fields.Select(f => $"{f.Field}: {TypeSpecs.Of(f.Operation.Type).Print(f.Operation)}"))}",
        MapRemove { Fields: var fields } => $"remove {string.Join(",", fields)}",
        _ => base.Print(operation),
    };

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var f = Bytes.FromText("f");
        var map = new SimulatedReplica(Type, 0xA);
        var update = new MapUpdate([
            new(f, new FlagEnable()),
            new(f, new CounterIncrement(2)),
            new(Bytes.FromText("e"), new MapUpdate([new(f, new SetAdd([f]))])),
        ]);
        yield return ("map: update", map.Do(update).Delta);
        yield return ("map: state", map.State.Copy());
        yield return ("map: remove", map.Do(new MapRemove([f])).Delta);
        yield return ("map: state with a husk", map.State);
    }

    /// <summary>Counters most of all, because they leave something behind; maps down to two levels.</summary>
    private static Gen<FieldOperation> FieldOperation(int depth)
    {
        var counters = TypeSpecs.Of(CrdtType.Counter).Operations(depth);
        var others = TypeSpecs.All.Where(s => s.Type is not (CrdtType.Map or CrdtType.Counter or CrdtType.BoundedCounter))
            .Select(s => s.Operations(depth))
            .ToArray();
        var leaf = Gen.Frequency((2, counters), (3, Gen.OneOf(others)));
        var operation = depth == 2 ? leaf : Gen.Frequency((3, leaf), (1, TypeSpecs.Of(CrdtType.Map).Operations(depth + 1)));
        return Gen.Select(Field, operation).Select((field, op) => new FieldOperation(field, op));
    }
}
