using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Flags;
using Gossipdb.Crdt.Sets;

namespace Gossipdb.Crdt.Tests;

/// <summary>Sets, registers and flags: the histories that decide between one type and another.</summary>
public class CollectionTests
{
    private static readonly Bytes Apple = Bytes.FromText("apple");
    private static readonly Bytes Pear = Bytes.FromText("pear");

    [Fact]
    public void A_concurrent_add_wins_over_a_remove()
    {
        var (a, b) = Pair(CrdtType.Set);
        b.Apply(a.Do(new SetAdd([Apple, Pear])));
        var remove = a.Do(new SetRemove([Apple, Pear]));
        var add = b.Do(new SetAdd([Apple]));
        a.Apply(add);
        b.Apply(remove);
        Assert.Equal([Apple], ((AddWinsSet)a.State).Elements());
        Assert.True(((AddWinsSet)b.State).Contains(Apple));
        Assert.Equal(a.State.Digest(), b.State.Digest());
    }

    [Fact]
    public void An_element_named_twice_takes_one_dot()
    {
        var (a, _) = Pair(CrdtType.Set);
        Assert.Equal(2, a.Do(new SetAdd([Apple, Pear, Apple])).Count);
        Assert.Equal(2, ((AddWinsSet)a.State).Count);
    }

    [Fact]
    public void Removing_what_was_not_observed_says_nothing_and_still_names_an_event()
    {
        var (a, _) = Pair(CrdtType.Set);
        var remove = a.Do(new SetRemove([Apple]));
        Assert.True(remove.Delta.IsFragment && remove.Delta.IsBottom);
        Assert.Equal(1, remove.Count);
    }

    [Fact]
    public void A_delta_costs_what_the_change_costs()
    {
        var (a, _) = Pair(CrdtType.Set);
        a.Do(new SetAdd([.. Enumerable.Range(0, 10_000).Select(i => Bytes.FromText($"element-{i}"))]));
        Assert.True(a.Do(new SetAdd([Apple])).Delta.ToBytes().Length < 32);
        Assert.True(a.Do(new SetRemove([Apple])).Delta.ToBytes().Length < 16);
        Assert.True(a.Do(new SetClear()).Delta.ToBytes().Length < 8);
        Assert.True(a.State.IsBottom);
    }

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
    public void Refuses_what_has_no_meaning()
    {
        var (a, b) = Pair(CrdtType.Set);
        var fragment = a.Do(new SetAdd([Apple])).Delta;
        Assert.Throws<InvalidOperationException>(() => fragment.Join(a.Clock, fragment, a.Clock));
        Assert.Throws<ArgumentException>(() => b.State.Join(b.Clock, Crdt.Bottom(CrdtType.Flag), a.Clock));
        Assert.Throws<ArgumentException>(() => Crdt.Bottom(CrdtType.Register).Mutate(Assign(CrdtType.MultiRegister, "x"), Context()));
        Assert.Throws<ArgumentException>(() => Crdt.Bottom(CrdtType.Counter).Mutate(Assign(CrdtType.Counter, "x"), Context()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Crdt.Bottom((CrdtType)99));
    }

    [Fact]
    public void Describes_itself_with_dots_and_without_control_characters()
    {
        var (a, _) = Pair(CrdtType.Set);
        a.Do(new SetAdd([Apple, new Bytes("\u001b[2J"u8)]));
        Assert.Equal(["\\x1b[2J  {000000000000000a:2}", "apple  {000000000000000a:1}"], a.State.Describe());
    }

    private static UpdateContext Context() => new(new ReplicaId(1), new VersionVector(), new HybridTimestamp(1), default);

    private static RegisterAssign Assign(CrdtType type, string value) => new(type, Bytes.FromText(value));

    private static (SimulatedReplica A, SimulatedReplica B) Pair(CrdtType type) => (new(type, 0xA), new(type, 0xB));
}
