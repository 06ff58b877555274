using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sequences;

internal sealed class SequenceSpec() : TypeSpec(CrdtType.Sequence)
{
    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (3, Gen.Select(Gen.Int[0, 12], TypeSpecs.Elements).Select((at, values) => (Operation)new SequenceInsert(at, values))),
        (2, Gen.Select(Gen.Int[0, 12], Gen.Int[0, 4]).Select((at, count) => (Operation)new SequenceDelete(at, count))));

    public override Operation Fit(Operation operation, Crdt state)
    {
        var length = ((Sequence)state).Count;
        return operation switch
        {
            SequenceInsert insert => insert with { Index = insert.Index % (length + 1) },
            SequenceDelete delete =>
                new SequenceDelete(delete.Index % (length + 1), Math.Min(delete.Count, length - (delete.Index % (length + 1)))),
            _ => operation,
        };
    }

    public override string? Value(IReadOnlyList<Step> history) =>
        FugueTree.Elements(history) is { Count: > 0 } elements ? string.Join(",", elements) : null;

    public override string Read(Crdt state) => string.Join(",", ((Sequence)state).Range(0, ((Sequence)state).Count));

    public override string Print(Operation operation) =>
        operation is SequenceInsert insert ? $"insert {string.Join(",", insert.Values)} at {insert.Index}" : base.Print(operation);

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var list = new SimulatedReplica(Type, 0xA);
        yield return ("sequence: insert", list.Do(new SequenceInsert(0, [Bytes.FromText("a"), Bytes.FromText("bc"), default])).Delta);
        yield return ("sequence: delete", list.Do(new SequenceDelete(0, 1)).Delta);
        list.Join(With(new SequenceInsert(0, [Bytes.FromText("z")])), whole: true);
        yield return ("sequence: state", list.State);
    }
}
