using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

internal sealed class RemoveWinsSetSpec() : TypeSpec(CrdtType.RemoveWinsSet)
{
    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (4, TypeSpecs.Elements.Select(e => (Operation)new SetAdd(e, Type))),
        (3, TypeSpecs.Elements.Select(e => (Operation)new SetRemove(e, Type))),
        (1, Gen.Const((Operation)new SetClear(Type))));

    public override string? Value(IReadOnlyList<Step> history)
    {
        var elements = Elements(history);
        return elements.Count == 0 ? null : string.Join(",", elements);
    }

    public override string Read(Crdt state) => string.Join(",", ((RemoveWinsSet)state).Elements());

    public override string Print(Operation operation) => operation switch
    {
        SetAdd { Elements: var elements } => $"add {string.Join(",", elements)}",
        SetRemove { Elements: var elements } => $"remove {string.Join(",", elements)}",
        _ => base.Print(operation),
    };

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var (a, b) = (Bytes.FromText("a"), Bytes.FromText("b"));
        var set = new SimulatedReplica(Type, 0xA);
        yield return ("remove-wins set: add", set.Do(new SetAdd([b, a], Type)).Delta);
        yield return ("remove-wins set: remove", set.Do(new SetRemove([b], Type)).Delta);
        set.Join(With(new SetAdd([a, b], Type)), whole: true);
        yield return ("remove-wins set: state with a remove beside an add", set.State.Copy());
        yield return ("remove-wins set: clear", set.Do(new SetClear(Type)).Delta);
    }

    /// <summary>
    /// The elements with an add that has seen every remove of the element, and that no deletion has seen. A clearing removes what was in
    /// the set where it was made.
    /// </summary>
    private static SortedSet<Bytes> Elements(IReadOnlyList<Step> history)
    {
        var clearings = history.Where(s => s.Operation is SetClear).ToDictionary(c => c, c => Elements([.. history.Where(s => c.Sees(s))]));
        var elements = new SortedSet<Bytes>();
        foreach (var add in history.Where(s => s.Operation is SetAdd && !IsDeleted(s, history)))
        {
            foreach (var element in ((SetAdd)add.Operation).Elements)
            {
                var isRemoved = history.Any(s => !add.Sees(s)
                    && ((s.Operation is SetRemove remove && remove.Elements.Contains(element))
                        || (s.Operation is SetClear && clearings[s].Contains(element))));
                if (!isRemoved) elements.Add(element);
            }
        }

        return elements;
    }
}
