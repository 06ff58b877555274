using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Tests.Placement;

public sealed class FallbackOrderTests
{
    [Fact]
    public void Every_member_that_does_not_own_a_partition_may_stand_in_once()
    {
        var layout = Found(7);
        for (var partition = 0; partition < layout.Partitions; partition++)
            Assert.Equal(layout.Nodes, layout.Owners(partition).Concat(layout.StandIns(partition)).Order());
        Assert.Empty(Found(3).StandIns(0));
    }

    [Fact]
    public void A_member_that_comes_leaves_the_others_in_their_order()
    {
        var (before, after) = (Found(7), Found(7).With(Nodes(8)));
        for (var partition = 0; partition < before.Partitions; partition++)
        {
            var both = before.StandIns(partition).Intersect(after.StandIns(partition)).ToList();
            Assert.Equal(before.StandIns(partition).Where(both.Contains), after.StandIns(partition).Where(both.Contains));
        }
    }

    [Fact]
    public void Every_member_is_first_as_often_as_any_other()
    {
        // Seven nodes are each no owner of some 585 partitions, and one of four that may stand in there: 146 times the first, give or
        // take chance (a deviation is 10).
        var layout = Layout.Found(1024, 3, Nodes(7));
        var firsts = Enumerable.Range(0, 1024).CountBy(partition => layout.StandIns(partition)[0]).ToList();
        Assert.Equal(7, firsts.Count);
        Assert.All(firsts, static first => Assert.InRange(first.Value, 106, 186));
    }

    [Fact]
    public void A_member_that_is_to_hold_nothing_comes_last()
    {
        var layout = Layout.Found(64, 2, [.. Nodes(6).Select(static node => node with { Capacity = node.Id.Value == 2 ? 0 : 1 })]);
        Assert.All(Enumerable.Range(0, 64), partition => Assert.Equal(new NodeId(2), layout.StandIns(partition)[^1]));
    }

    [Fact]
    public void A_layout_restored_with_an_owner_twice_is_refused()
    {
        var node = new NodeId(1);
        var wrong = Assert.Throws<ArgumentException>(() => Layout.Restore(1, 2, Nodes(2), [[node, node]]));
        Assert.Contains("partition 0 has an owner twice", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layouts_that_differ_in_a_zone_alone_are_not_the_same()
    {
        var layout = Found(3);
        var rezoned = layout.With([.. layout.Members.Select(static member => member with { Zone = "z" })]);
        var plain = layout.With(layout.Members);
        Assert.True(rezoned.PlacesLike(plain));
        Assert.False(rezoned.IsSame(plain));
        Assert.True(plain.IsSame(layout.With(layout.Members)));
    }

    private static Layout Found(int nodes) => Layout.Found(64, 3, Nodes(nodes));

    private static Member[] Nodes(int count) => [.. Enumerable.Range(1, count).Select(static id => new Member(new NodeId(id)))];
}
