using CsCheck;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Registers;

internal sealed class RegisterSpec(CrdtType type) : TypeSpec(type)
{
    public override Gen<Operation> Operations(int depth) => TypeSpecs.Element.Select(v => (Operation)new RegisterAssign(Type, v));

    /// <summary>The assignments that no later assignment or clearing has seen: all of them, or the latest.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var live = history.Where(s => s.Operation is RegisterAssign && !history.Any(later => later.Sees(s))).ToList();
        if (live.Count == 0) return null;
        var chosen = Type == CrdtType.MultiRegister
            ? live.OrderBy(s => s.Event.Name)
            : live.OrderByDescending(s => (s.Event.Timestamp, s.Event.Name)).Take(1);
        return string.Join(",", chosen.Select(s => ((RegisterAssign)s.Operation).Value));
    }

    public override string Read(Crdt state)
    {
        var register = (Register)state;
        if (Type == CrdtType.MultiRegister) return string.Join(",", register.Siblings.ToArray().Select(s => s.Value));
        return register.TryGetLatest(out var latest) ? latest.Value.ToString() : "nothing";
    }

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var register = With(new RegisterAssign(Type, Bytes.FromText("v")));
        var concurrent = new SimulatedReplica(Type, 0xA);
        concurrent.Do(new RegisterAssign(Type, Bytes.FromText("w")), physical: 1_700_000_000_000);
        register.Join(concurrent, whole: true);
        yield return ($"{Type}: siblings", register.State);
    }
}
