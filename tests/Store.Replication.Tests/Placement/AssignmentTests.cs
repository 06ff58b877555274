using Gossipdb.Replication.Placement;
using Xunit.Abstractions;

namespace Gossipdb.Replication.Tests.Placement;

public sealed class AssignmentTests(ITestOutputHelper output)
{
    /// <summary>A node comes or goes: how many slots move, and how many at least have to.</summary>
    [Theory]
    [InlineData(3, 4, 64)]
    [InlineData(4, 3, 64)]
    [InlineData(10, 11, 64)]
    [InlineData(100, 101, 64)]
    [InlineData(3, 4, 1024)]
    [InlineData(4, 3, 1024)]
    [InlineData(10, 11, 1024)]
    [InlineData(100, 101, 1024)]
    public void Little_moves_when_a_node_comes_or_goes(int from, int to, int partitions)
    {
        var before = Layout.Found(partitions, 3, Nodes(from));
        var after = before.With(Nodes(to));
        var moves = after.MovesFrom(before);
        var least = Least(before, after);
        output.WriteLine($"{from} → {to} nodes, {partitions} partitions: {moves} of {partitions * 3} slots move; at least {least} have to");
        IsEven(after);
        Assert.InRange(moves, least, least + (least / 10) + 1);
        Assert.Equal(before.Version + 1, after.Version);
    }

    [Fact]
    public void The_same_members_in_any_order_give_the_same_owners()
    {
        var layout = Layout.Found(64, 3, Nodes(5));
        Assert.True(layout.PlacesLike(Layout.Found(64, 3, [.. Nodes(5).Reverse()])));
        Assert.True(layout.With(Nodes(7)).PlacesLike(layout.With([.. Nodes(7).Reverse()])));
        Assert.Equal(0, layout.With(Nodes(5)).MovesFrom(layout));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Owners_are_spread_over_zones(int zones)
    {
        var layout = Layout.Found(64, 3, [.. Nodes(7).Select((node, i) => node with { Zone = $"zone {i % zones}" })]);
        AreSpread(layout, Math.Min(zones, 3));

        // A zone that gets one more node takes no more of any partition.
        AreSpread(layout.With([.. layout.Members, new Member(new NodeId(8), Zone: "zone 0")]), Math.Min(zones, 3));
    }

    [Fact]
    public void Nodes_hold_slots_in_proportion_to_their_capacity_and_without_any_none()
    {
        var layout = Layout.Found(64, 3, [.. Nodes(6).Select((node, i) => node with { Capacity = i == 0 ? 2 : i == 5 ? 0 : 1 })]);
        Assert.Equal([64, 32, 32, 32, 32, 0], layout.Nodes.Select(layout.SlotsOf));

        // More than one slot of each partition no node can hold, whatever its capacity.
        var huge = Layout.Found(64, 3, [.. Nodes(4).Select((node, i) => node with { Capacity = i == 0 ? 100 : 1 })]);
        Assert.Equal(64, huge.SlotsOf(new NodeId(1)));
        Assert.All(huge.Nodes.Skip(1), node => Assert.InRange(huge.SlotsOf(node), 42, 43));
    }

    [Fact]
    public void Too_few_nodes_are_refused()
    {
        var layout = Layout.Found(64, 3, Nodes(3));
        Assert.Contains(
            "3 replicas need as many nodes",
            Assert.Throws<ArgumentException>(() => layout.With(Nodes(2))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "node 2 has a capacity of -1",
            Assert.Throws<ArgumentException>(() =>
                Layout.Found(64, 1, [.. Nodes(2).Select(node => node with { Capacity = 1 - node.Id.Value })])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_changes_the_next_layout_is_even_spread_and_close_to_the_last()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var (members, next) = (Nodes(random.Next(3, 8)).ToList(), 8);
            var layout = Layout.Found(random.Next(2) == 0 ? 16 : 64, 3, members);
            for (var step = 0; step < 12; step++)
            {
                switch (random.Next(4))
                {
                    case 0 when members.Count(static member => member.Capacity > 0) > 3:
                        members.RemoveAt(random.Next(members.Count));
                        break;
                    case 1:
                        members.Add(new Member(new NodeId(++next), Zone: $"z{random.Next(4)}"));
                        break;
                    case 2:
                        var rezoned = random.Next(members.Count);
                        members[rezoned] = members[rezoned] with { Zone = $"z{random.Next(4)}" };
                        break;
                    case 3:
                        var resized = random.Next(members.Count);
                        members[resized] = members[resized] with { Capacity = random.Next(1, 4) };
                        break;
                }

                if (members.Count(static member => member.Capacity > 0) < 3) continue;
                var after = layout.With(members);
                AreSpread(after, Math.Min(3, members.Select(static member => member.Zone).Distinct().Count()));
                Assert.Equal(layout.Partitions * 3, after.Nodes.Sum(after.SlotsOf));
                layout = after;
            }

            Assert.Equal(0, layout.With(members).MovesFrom(layout));
        }
    }

    private static Member[] Nodes(int count) => [.. Enumerable.Range(1, count).Select(id => new Member(new NodeId(id)))];

    private static int Least(Layout before, Layout after) =>
        after.Nodes.Sum(node => Math.Max(0, after.SlotsOf(node) - before.SlotsOf(node)));

    private static void IsEven(Layout layout)
    {
        var slots = layout.Nodes.Select(layout.SlotsOf).ToList();
        Assert.InRange(slots.Max() - slots.Min(), 0, 1);
        var first = layout.Nodes.Select(node =>
            Enumerable.Range(0, layout.Partitions).Count(partition => layout.Owners(partition)[0] == node)).ToList();
        Assert.InRange(first.Max() - first.Min(), 0, 2);
    }

    private static void AreSpread(Layout layout, int zones)
    {
        for (var partition = 0; partition < layout.Partitions; partition++)
        {
            var owners = layout.Owners(partition);
            Assert.Equal(3, owners.Distinct().Count());
            Assert.InRange(owners.Select(owner => layout.Find(owner)!.Zone).Distinct().Count(), zones, 3);
        }
    }
}
