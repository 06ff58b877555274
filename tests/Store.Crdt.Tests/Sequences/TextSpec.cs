using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Sequences;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sequences;

internal sealed class TextSpec() : TypeSpec(CrdtType.Text)
{
    private static readonly Gen<string> Content = Gen.Int[0, 5].Select(i => new[] { "a", "bc", "def", "é", "😀", "g😀" }[i]);

    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (3, Gen.Select(Gen.Int[0, 12], Content).Select((at, content) => (Operation)new TextInsert(at, content))),
        (2, Gen.Select(Gen.Int[0, 12], Gen.Int[0, 4]).Select((at, count) => (Operation)new TextDelete(at, count))));

    public override Operation Fit(Operation operation, Crdt state)
    {
        var text = ((Text)state).ToString();
        return operation switch
        {
            TextInsert insert => insert with { Position = Boundary(text, insert.Position % (text.Length + 1)) },
            TextDelete delete => Fit(delete, text),
            _ => operation,
        };
    }

    private static TextDelete Fit(TextDelete delete, string text)
    {
        var start = Boundary(text, delete.Position % (text.Length + 1));
        return new TextDelete(start, Boundary(text, Math.Min(text.Length, start + delete.Count)) - start);
    }

    private static int Boundary(string text, int at) =>
        at > 0 && at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]) ? at - 1 : at;

    public override string? Value(IReadOnlyList<Step> history) =>
        FugueTree.Elements(history) is { Count: > 0 } elements ? string.Concat(elements) : null;

    public override string Read(Crdt state) => ((Text)state).ToString();

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var id = new OperationId(0x0102030405060708, 9, 1_700_000_000_000);
        var a = new SimulatedReplica(Type, 0xA);
        var b = new SimulatedReplica(Type, 0xB);
        var first = a.Do(new TextInsert(0, "héllo😀"), id);
        yield return ("text: insert", first.Delta);
        b.Apply(first);
        a.Apply(b.Do(new TextInsert(1, "xy")));
        yield return ("text: delete", a.Do(new TextDelete(2, 2)).Delta);
        a.Do(new TextDelete(3, 1));
        a.Do(new TextDelete(2, 1));
        yield return ("text: state", a.State.Copy());
        yield return ("text: since", a.State.DeltaSince(b.Clock));
        yield return ("text: clear", a.Do(new Delete(Type)).Delta);
        yield return ("text: state after a clear", a.State);
    }
}
