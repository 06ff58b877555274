using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Flags;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Flags;

/// <summary>Enable-wins and disable-wins flags: the histories that decide.</summary>
public class FlagTests
{
    [Fact]
    public void A_concurrent_enabling_wins_over_a_disabling()
    {
        var (a, b) = Pair(CrdtType.Flag);
        b.Apply(a.Do(new FlagEnable()));
        var disable = a.Do(new FlagDisable());
        Assert.False(((EnableWinsFlag)a.State).IsEnabled);
        a.Apply(b.Do(new FlagEnable()));
        b.Apply(disable);
        Assert.True(((EnableWinsFlag)a.State).IsEnabled);
        Assert.Equal(a.State.Digest(), b.State.Digest());
    }

    [Fact]
    public void A_concurrent_disabling_wins_over_an_enabling()
    {
        var (a, b) = (new SimulatedReplica(CrdtType.DisableWinsFlag, 0xA), new SimulatedReplica(CrdtType.DisableWinsFlag, 0xB));
        b.Apply(a.Do(new FlagEnable(CrdtType.DisableWinsFlag)));
        var disable = a.Do(new FlagDisable(CrdtType.DisableWinsFlag));
        a.Apply(b.Do(new FlagEnable(CrdtType.DisableWinsFlag)));
        b.Apply(disable);
        Assert.False(((DisableWinsFlag)a.State).IsEnabled);
        Assert.Equal(a.State.Digest(), b.State.Digest());
        a.Do(new FlagEnable(CrdtType.DisableWinsFlag));
        Assert.True(((DisableWinsFlag)a.State).IsEnabled);
    }

    [Fact]
    public void A_disabled_flag_leaves_nothing_once_that_is_stable()
    {
        var a = new SimulatedReplica(CrdtType.DisableWinsFlag, 0xA);
        a.Do(new FlagDisable(CrdtType.DisableWinsFlag));
        Assert.False(a.State.IsBottom);
        a.CollectAt(new StableCut(a.Clock.Copy(), 0, []));
        Assert.True(a.State.IsBottom);
    }

    private static (SimulatedReplica A, SimulatedReplica B) Pair(CrdtType type) => (new(type, 0xA), new(type, 0xB));
}
