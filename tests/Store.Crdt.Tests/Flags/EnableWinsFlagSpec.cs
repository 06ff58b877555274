using CsCheck;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Flags;

internal sealed class EnableWinsFlagSpec() : TypeSpec(CrdtType.Flag)
{
    public override Gen<Operation> Operations(int depth) => Gen.Bool.Select(on => on ? (Operation)new FlagEnable() : new FlagDisable());

    /// <summary>Enabled where some enabling was seen by no disabling.</summary>
    public override string? Value(IReadOnlyList<Step> history) =>
        history.Any(s => s.Operation is FlagEnable && !history.Any(d => d.Operation is FlagDisable or Delete && d.Sees(s))) ? "on" : null;

    public override string Read(Crdt state) => "on";

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        yield return ("flag: enabled", With(new FlagEnable()).State);
    }
}
