using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

/// <summary>Add-wins sets: the histories that decide between them and other types.</summary>
public class AddWinsSetTests
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
    public void Describes_itself_with_dots_and_without_control_characters()
    {
        var (a, _) = Pair(CrdtType.Set);
        a.Do(new SetAdd([Apple, new Bytes("\u001b[2J"u8)]));
        Assert.Equal(["\\x1b[2J  {000000000000000a:2}", "apple  {000000000000000a:1}"], a.State.Describe());
    }

    private static (SimulatedReplica A, SimulatedReplica B) Pair(CrdtType type) => (new(type, 0xA), new(type, 0xB));
}
