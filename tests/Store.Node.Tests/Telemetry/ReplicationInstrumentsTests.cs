using Gossipdb.Node.Telemetry;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Telemetry;

public sealed class ReplicationInstrumentsTests
{
    [Fact]
    public void Of_all_partitions_changes_add_up_and_the_longest_time_counts()
    {
        PartitionSample[] samples =
        [
            Sample(0, heldBackBy: null, (2, 10, 3_000), (3, 0, 0)),
            Sample(1, heldBackBy: 3, (2, 5, 9_000), (3, 1, 100)),
            Sample(2, heldBackBy: 4),
        ];

        var peers = ReplicationInstruments.ByPeer(samples);

        Assert.Equal([2, 3, 4], peers.Keys.Select(static node => node.Value));
        Assert.Equal((15, 9_000, 0), peers[new NodeId(2)]);
        Assert.Equal((1, 100, 1), peers[new NodeId(3)]);
        Assert.Equal((0, 0, 1), peers[new NodeId(4)]);
    }

    [Fact]
    public void Only_the_partitions_furthest_behind_have_a_series_of_their_own()
    {
        var samples = Enumerable.Range(0, 64).Select(static i => Sample(i, null, (2, i, 0), (3, 0, 0))).ToArray();

        var furthest = ReplicationInstruments.Furthest(samples).ToList();

        Assert.Equal(ReplicationInstruments.MostPartitions, furthest.Count);
        Assert.Equal((63, 63L), furthest[0]);
        Assert.Empty(ReplicationInstruments.Furthest([Sample(0, null, (2, 0, 0))]));
        Assert.Empty(ReplicationInstruments.Furthest([Sample(0, null)]));
    }

    private static PartitionSample Sample(int partition, int? heldBackBy, params (int Node, long Changes, long BehindMs)[] lags) => new()
    {
        Partition = partition,
        HeldBackBy = heldBackBy is { } node ? new NodeId(node) : null,
        Lags = [.. lags.Select(static lag => new PartitionSample.PeerLag(new NodeId(lag.Node), lag.Changes, lag.BehindMs))],
    };
}
