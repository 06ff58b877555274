using CsCheck;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Registers;

internal sealed class ExtremumRegisterSpec(CrdtType type) : TypeSpec(type)
{
    public override Gen<Operation> Operations(int depth) => Gen.Long[-2, 2].Select(value => (Operation)new ExtremumAssign(Type, value));

    /// <summary>The extremum of all that no deletion has seen.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var live = history
            .Where(s => s.Operation is ExtremumAssign && !IsDeleted(s, history))
            .Select(s => ((ExtremumAssign)s.Operation).Value)
            .ToList();
        return live.Count == 0 ? null : (Type == CrdtType.MaxRegister ? live.Max() : live.Min()).ToString();
    }

    public override string Read(Crdt state) => ((ExtremumRegister)state).TryGetValue(out var value) ? value.ToString() : "nothing";

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var register = new SimulatedReplica(Type, 0xA);
        yield return ($"{Type}: assignment", register.Do(new ExtremumAssign(Type, 300)).Delta);
        register.Do(new ExtremumAssign(Type, -1));
        register.Do(new ExtremumAssign(Type, 400));
        yield return ($"{Type}: state", register.State);
    }
}
