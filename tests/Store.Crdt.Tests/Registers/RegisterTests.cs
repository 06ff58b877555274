using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Registers;

/// <summary>Registers and multi-value registers: the histories that decide.</summary>
public class RegisterTests
{
    [Fact]
    public void The_loser_of_two_concurrent_assignments_outlives_a_delete_that_saw_only_the_winner()
    {
        var (a, b) = Pair(CrdtType.Register);
        var early = a.Do(Assign(CrdtType.Register, "v1"), physical: 10);
        var late = b.Do(Assign(CrdtType.Register, "v2"), physical: 20);
        var delete = b.Do(new Delete(CrdtType.Register));

        a.Apply(late);
        Assert.Equal("v2", a.State.Read());
        a.Apply(delete);
        b.Apply(early);
        Assert.Equal("v1", a.State.Read());
        Assert.Equal("v1", b.State.Read());
        Assert.Equal(a.State.Digest(), b.State.Digest());
    }

    [Fact]
    public void Equal_timestamps_go_to_the_greater_dot()
    {
        var (a, b) = Pair(CrdtType.Register);
        var fromB = b.Do(Assign(CrdtType.Register, "b"), physical: 10);
        a.Do(Assign(CrdtType.Register, "a"), physical: 10);
        a.Apply(fromB);
        Assert.Equal("b", a.State.Read());
    }

    [Fact]
    public void A_multi_value_register_shows_siblings_until_one_assignment_has_seen_them()
    {
        var (a, b) = Pair(CrdtType.MultiRegister);
        a.Do(Assign(CrdtType.MultiRegister, "x"));
        a.Apply(b.Do(Assign(CrdtType.MultiRegister, "y")));
        Assert.Equal("x,y", a.State.Read());
        a.Do(Assign(CrdtType.MultiRegister, "z"));
        Assert.Equal("z", a.State.Read());
    }

    private static RegisterAssign Assign(CrdtType type, string value) => new(type, Bytes.FromText(value));

    private static (SimulatedReplica A, SimulatedReplica B) Pair(CrdtType type) => (new(type, 0xA), new(type, 0xB));
}
