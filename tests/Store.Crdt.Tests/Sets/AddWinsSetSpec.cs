using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

internal sealed class AddWinsSetSpec(CrdtType type) : TypeSpec(type)
{
    public override Gen<Operation> Operations(int depth) => Type == CrdtType.GrowOnlySet
        ? TypeSpecs.Elements.Select(e => (Operation)new SetAdd(e, Type))
        : Gen.Frequency(
            (4, TypeSpecs.Elements.Select(e => (Operation)new SetAdd(e))),
            (3, TypeSpecs.Elements.Select(e => (Operation)new SetRemove(e))),
            (1, Gen.Const((Operation)new SetClear())));

    /// <summary>The elements with an add that no remove of the element has seen.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var elements = new SortedSet<Bytes>();
        foreach (var add in history)
        {
            if (add.Operation is not SetAdd { Elements: var added }) continue;
            foreach (var element in added)
            {
                var isRemoved = history.Any(s => s.Sees(add)
                    && (s.Operation is SetClear or Delete || (s.Operation is SetRemove remove && remove.Elements.Contains(element))));
                if (!isRemoved) elements.Add(element);
            }
        }

        return elements.Count == 0 ? null : string.Join(",", elements);
    }

    public override string Read(Crdt state) => string.Join(",", ((AddWinsSet)state).Elements());

    public override string Print(Operation operation) => operation switch
    {
        SetAdd { Elements: var elements } => $"add {string.Join(",", elements)}",
        SetRemove { Elements: var elements } => $"remove {string.Join(",", elements)}",
        _ => base.Print(operation),
    };

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var set = new SimulatedReplica(Type, 0xA);
        if (Type == CrdtType.GrowOnlySet)
        {
            yield return ("grow-only set: add", set.Do(new SetAdd([Bytes.FromText("b"), Bytes.FromText("a")], Type)).Delta);
            yield return ("grow-only set: state", set.State);
            yield break;
        }

        yield return ("set: add", set.Do(new SetAdd([Bytes.FromText("b"), Bytes.FromText("a")])).Delta);
        yield return ("set: remove", set.Do(new SetRemove([Bytes.FromText("b")])).Delta);
        set.Join(With(new SetAdd([Bytes.FromText("a")])), whole: true);
        yield return ("set: state with two dots", set.State.Copy());
        yield return ("set: clear", set.Do(new SetClear()).Delta);
    }
}
