using Gossipdb.Client;
using Gossipdb.Lab.Running;

namespace Gossipdb.Lab.Tests.Running;

public sealed class ReplicaClocksTests
{
    [Fact]
    public void A_node_lacks_what_others_have_applied_of_the_partitions_it_owns()
    {
        NodeStatus[] all =
        [
            Node(1, Partition(0, 1, (7, 10), (8, 4))), Node(2, Partition(0, 1, (7, 6), (9, 2))), Node(3, Partition(1, 1, (7, 50))),
        ];

        Assert.Equal(2, ReplicaClocks.MissingOf(all[0], all)); // 9:1 and 9:2
        Assert.Equal(4 + 4, ReplicaClocks.MissingOf(all[1], all));
        Assert.Equal(0, ReplicaClocks.MissingOf(all[2], all)); // it owns another partition
    }

    [Fact]
    public void Convergence_is_that_every_owner_has_what_all_of_them_had_at_the_mending()
    {
        NodeStatus[] mending = [Node(1, Partition(0, 1, (7, 10))), Node(2, Partition(0, 1, (8, 3)))];
        var wanted = ReplicaClocks.Union(mending);

        Assert.False(ReplicaClocks.Cover(mending, wanted));
        Assert.False(ReplicaClocks.Cover([Node(1, Partition(0, 1, (7, 12), (8, 3))), Node(2, Partition(0, 1, (7, 9), (8, 3)))], wanted));

        // Those who write on do not put it off: node 1 has written since, and node 2 lacks that.
        Assert.True(ReplicaClocks.Cover([Node(1, Partition(0, 1, (7, 12), (8, 3))), Node(2, Partition(0, 1, (7, 10), (8, 3)))], wanted));

        // An id that nobody names any more has retired, one that a single node does not name has not.
        Assert.True(ReplicaClocks.Cover([Node(1, Partition(0, 1, (8, 3))), Node(2, Partition(0, 1, (8, 3)))], wanted));
        Assert.False(ReplicaClocks.Cover([Node(1, Partition(0, 1, (7, 10), (8, 3))), Node(2, Partition(0, 1, (8, 3)))], wanted));
    }

    [Fact]
    public void Replicas_are_equal_where_every_owner_tells_the_same_digest()
    {
        NodeStatus[] equal = [Node(1, Partition(0, 5), Partition(1, 6)), Node(2, Partition(0, 5), Partition(1, 6))];

        Assert.True(ReplicaClocks.AreEqual(equal, partitions: 2, replication: 2));
        Assert.False(ReplicaClocks.AreEqual(equal, partitions: 3, replication: 2)); // a partition that nobody tells of
        Assert.False(ReplicaClocks.AreEqual(equal, partitions: 2, replication: 3)); // an owner that does not answer
        Assert.False(ReplicaClocks.AreEqual([equal[0], Node(2, Partition(0, 5), Partition(1, 7))], partitions: 2, replication: 2));
        var silent = Partition(1, 6) with { Digest = default };
        NodeStatus[] untold = [Node(1, Partition(0, 5), silent), Node(2, Partition(0, 5), silent)];
        Assert.False(ReplicaClocks.AreEqual(untold, partitions: 2, replication: 2));
        var starting = Partition(1, 6) with { NotServing = "it has just started" };
        Assert.False(ReplicaClocks.AreEqual([equal[0], Node(2, Partition(0, 5), starting)], partitions: 2, replication: 2));
    }

    private static NodeStatus Node(int node, params PartitionStatus[] partitions) => new() { Node = node, Partitions = partitions };

    private static PartitionStatus Partition(int partition, byte digest, params (ulong Replica, long Sequence)[] applied) => new()
    {
        Partition = partition,
        Digest = new[] { digest },
        Applied = [.. applied.Select(static entry => new ClockEntry(entry.Replica, entry.Sequence))],
    };
}
