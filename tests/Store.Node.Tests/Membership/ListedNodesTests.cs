using Gossipdb.Node.Configuration;
using Gossipdb.Node.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Membership;

public sealed class ListedNodesTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);
    private static readonly NodeId Nine = new(9);
    private readonly SteadyTime _time = new();
    private readonly TestNode _node;
    private readonly ListedNodes _listed;

    public ListedNodesTests()
    {
        _node = new(Settings, _time);
        _listed = new(_node.Partitions, _node.Addresses, _node.Clock);
    }

    private static NodeSettings Settings => TestSettings.OfTwo(1, "gossipdb.cluster.replication = 1\ngossipdb.defaults.read = one\n"
        + "gossipdb.defaults.write = one");

    [Fact]
    public void Who_is_in_the_layout_is_listened_to_and_who_never_was_is_not()
    {
        Assert.Null(WhyNot(Two));
        Assert.Equal("node 9 is not in the layout", WhyNot(Nine));
    }

    [Fact]
    public void Who_was_removed_is_listened_to_while_it_may_have_something_to_hand_over()
    {
        _node.Partitions.Placement = _node.Partitions.Placement.With(_node.Layout.With([new Member(One)]));

        // Slots are on their way to this node: anybody who was there may have them.
        Assert.Null(WhyNot(Two));
        Publish([One, Two], []);
        Assert.Null(WhyNot(Two));
        Publish([One], [Two]);
        Assert.Null(WhyNot(Two));

        // It is still to hear that it has nothing left.
        Publish([One], []);
        _time.Ms += 29_000;
        Assert.Null(WhyNot(Two));
        _time.Ms += 2_000;
        Assert.Equal("node 2 is not in the layout", WhyNot(Two));
        Assert.Equal("node 9 is not in the layout", WhyNot(Nine));
    }

    [Fact]
    public void Who_was_declared_lost_is_not_listened_to_whatever_it_may_hold()
    {
        Publish([One, Two], [Two]);
        _node.Partitions.Placement = _node.Partitions.Placement.With(
            _node.Layout.With([new Member(One)], [new LostNode(Two, AcceptsLoss: false)]));

        Assert.Equal("node 2 was declared lost", WhyNot(Two));
    }

    private sealed class SteadyTime : TimeProvider
    {
        public long Ms { get; set; } = 1_000;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Ms;
    }

    private string? WhyNot(NodeId node) => _listed.WhyNot(node);

    private void Publish(NodeId[] holders, NodeId[] standIns)
    {
        for (var partition = 0; partition < _node.Partitions.Count; partition++)
            _node.Partitions.PublishHolders(partition, holders, standIns);
    }
}
