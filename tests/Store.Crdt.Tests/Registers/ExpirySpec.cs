using CsCheck;
using Gossipdb.Crdt.Registers;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Registers;

internal sealed class ExpirySpec() : TypeSpec(CrdtType.Expiry)
{
    public override Gen<Operation> Operations(int depth) =>
        Gen.OneOf(Gen.Long[1, 5], Gen.Const(Expiry.Never)).Select(at => (Operation)Expiry.At(at));

    /// <summary>The longest life among the assignments that nothing later has seen.</summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var live = history.Where(s => s.Operation is RegisterAssign && !history.Any(later => later.Sees(s))).ToList();
        return live.Count == 0
            ? null
            : live.Max(s => Convert.ToInt64(Convert.ToHexString(((RegisterAssign)s.Operation).Value.Span), 16)).ToString();
    }

    public override string Read(Crdt state) => Expiry.Of((Register)state).ToString();

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var soon = With(Expiry.At(1_700_000_000_000));
        soon.Join(With(Expiry.At(Expiry.Never), id: 0xA), whole: true);
        yield return ("expiry: soon and never", soon.State);
    }
}
