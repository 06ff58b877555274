using System.Text;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Tests.Placement;

public sealed class PlacementTests
{
    [Theory]
    [InlineData("page:home")]
    [InlineData("cart:42")]
    [InlineData("ключ")]
    public void A_tag_alone_decides_the_partition(string key)
    {
        var plain = Partitioner.PartitionOf(Encoding.UTF8.GetBytes(key), 64);
        Assert.Equal(plain, Partitioner.PartitionOf(Encoding.UTF8.GetBytes($"user{{{key}}}:x"), 64));
        Assert.Equal(plain, Partitioner.PartitionOf(Encoding.UTF8.GetBytes($"{{{key}}}{{other}}"), 64));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 3)]
    [InlineData(5, 3)]
    [InlineData(7, 2)]
    public void Owners_are_distinct_and_even(int nodes, int replication)
    {
        var layout = Layout.Found(64, replication, [.. Enumerable.Range(1, nodes).Select(id => new Member(new NodeId(id)))]);
        var owned = new Dictionary<NodeId, int>();
        var first = new Dictionary<NodeId, int>();
        for (var partition = 0; partition < 64; partition++)
        {
            var owners = layout.Owners(partition);
            Assert.Equal(Math.Min(nodes, replication), owners.Distinct().Count());
            foreach (var owner in owners) owned[owner] = owned.GetValueOrDefault(owner) + 1;
            first[owners[0]] = first.GetValueOrDefault(owners[0]) + 1;
        }

        Assert.InRange(owned.Values.Max() - owned.Values.Min(), 0, 1);
        Assert.InRange(first.Values.Max() - first.Values.Min(), 0, 2);
        Assert.Equal(nodes, owned.Count);
    }

    [Fact]
    public void A_layout_refuses_a_node_listed_twice()
    {
        var wrong =
            Assert.Throws<ArgumentException>(() => Layout.Found(64, 3, [new(new NodeId(1)), new(new NodeId(2)), new(new NodeId(1))]));
        Assert.Contains("node 1 is listed twice", wrong.Message);
    }
}
