using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests;

/// <summary>What types have in common.</summary>
public class CrdtTests
{
    [Fact]
    public void Refuses_what_has_no_meaning()
    {
        var (a, b) = (new SimulatedReplica(CrdtType.Set, 0xA), new SimulatedReplica(CrdtType.Set, 0xB));
        var fragment = a.Do(new SetAdd([Bytes.FromText("apple")])).Delta;
        Assert.Throws<InvalidOperationException>(() => fragment.Join(a.Clock, fragment, a.Clock));
        Assert.Throws<ArgumentException>(() => b.State.Join(b.Clock, Crdt.Bottom(CrdtType.Flag), a.Clock));
        Assert.Throws<ArgumentException>(() => Crdt.Bottom(CrdtType.Register).Mutate(Assign(CrdtType.MultiRegister, "x"), Context()));
        Assert.Throws<ArgumentException>(() => Crdt.Bottom(CrdtType.Counter).Mutate(Assign(CrdtType.Counter, "x"), Context()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Crdt.Bottom((CrdtType)99));
    }

    private static UpdateContext Context() => new(new ReplicaId(1), new VersionVector(), new HybridTimestamp(1), default);

    private static RegisterAssign Assign(CrdtType type, string value) => new(type, Bytes.FromText(value));
}
