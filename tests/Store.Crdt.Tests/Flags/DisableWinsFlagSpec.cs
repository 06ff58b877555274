using CsCheck;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Flags;

internal sealed class DisableWinsFlagSpec() : TypeSpec(CrdtType.DisableWinsFlag)
{
    public override Gen<Operation> Operations(int depth) =>
        Gen.Bool.Select(on => on ? (Operation)new FlagEnable(Type) : new FlagDisable(Type));

    /// <summary>Enabled where some enabling, and no disabling, is the last word: seen by no later change.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var last = history.Where(s => !history.Any(later => later.Sees(s))).ToList();
        return last.Any(s => s.Operation is FlagEnable) && !last.Any(s => s.Operation is FlagDisable) ? "on" : null;
    }

    public override string Read(Crdt state) => "on";

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var flag = With(new FlagEnable(Type));
        var concurrent = With(new FlagDisable(Type), 0xA);
        flag.Join(concurrent, whole: true);
        yield return ("disable-wins flag: disabled", concurrent.State);
        yield return ("disable-wins flag: both", flag.State);
    }
}
