using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Registers;

/// <summary>Max and min registers: the histories that decide.</summary>
public class ExtremumRegisterTests
{
    [Fact]
    public void A_max_register_keeps_the_greatest_of_both_sides()
    {
        var (a, b) = (new SimulatedReplica(CrdtType.MaxRegister, 0xA), new SimulatedReplica(CrdtType.MaxRegister, 0xB));
        a.Do(new ExtremumAssign(CrdtType.MaxRegister, 3));
        b.Do(new ExtremumAssign(CrdtType.MaxRegister, 9));
        a.Join(b, whole: true);
        a.Do(new ExtremumAssign(CrdtType.MaxRegister, 5));
        Assert.Equal("9", a.State.Read());
        Assert.Throws<ArgumentException>(() => a.Do(new ExtremumAssign(CrdtType.MinRegister, 5)));
    }

    [Fact]
    public void A_lower_assignment_outlives_a_deletion_that_saw_only_the_higher_one()
    {
        var (a, b) = (new SimulatedReplica(CrdtType.MaxRegister, 0xA), new SimulatedReplica(CrdtType.MaxRegister, 0xB));
        b.Apply(a.Do(new ExtremumAssign(CrdtType.MaxRegister, 9)));
        a.Do(new ExtremumAssign(CrdtType.MaxRegister, 5));
        Assert.Equal("9", a.State.Read());
        a.Apply(b.Do(new Delete(CrdtType.MaxRegister)));
        Assert.Equal("5", a.State.Read());
    }

    [Fact]
    public void Once_stable_the_lower_assignments_go()
    {
        var a = new SimulatedReplica(CrdtType.MinRegister, 0xA);
        for (var i = 1; i <= 100; i++) a.Do(new ExtremumAssign(CrdtType.MinRegister, i));
        Assert.True(a.State.ToBytes().Length > 1000);
        a.CollectAt(new StableCut(a.Clock.Copy(), 0, []));
        Assert.True(a.State.ToBytes().Length < 20);
        Assert.Equal("1", a.State.Read());
    }

    [Fact]
    public void Collecting_drops_nothing_in_favour_of_what_is_not_stable()
    {
        var (a, b, c) = (
            new SimulatedReplica(CrdtType.MaxRegister, 0xA),
            new SimulatedReplica(CrdtType.MaxRegister, 0xB),
            new SimulatedReplica(CrdtType.MaxRegister, 0xC));
        var five = a.Do(new ExtremumAssign(CrdtType.MaxRegister, 5));
        b.Apply(five);
        var nine = c.Do(new ExtremumAssign(CrdtType.MaxRegister, 9)); // concurrent, and not stable
        c.Apply(five);
        b.Apply(nine);
        b.CollectAt(new StableCut(a.Clock.Copy(), 0, []));
        Assert.Equal(2, b.State.Describe().Count());
    }
}
