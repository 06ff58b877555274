using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Google.Protobuf;
using Grpc.Core;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Admin;

public class AdminTests
{
    [Fact]
    public async Task Status_says_what_the_node_said()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        using var admin = new GossipdbAdmin(cluster[1].Endpoint);
        var clock = new Clock { Partition = 3, Entries = { new VectorEntry { Replica = 7, Sequence = 9 } } };
        cluster[1].Admin.OnStatus = request => new Wire.NodeStatus
        {
            Node = 2,
            ProcessId = 4,
            Version = "1.2",
            UptimeMs = 1500,
            Ready = true,
            RefusingWrites = true,
            Trouble = "disk full",
            Peers =
            {
                new Wire.PeerStatus
                {
                    Node = 3,
                    Reachable = true,
                    LastHeardMsAgo = 20,
                    BytesSent = 1,
                    BytesReceived = 2,
                    MessagesDropped = 3,
                },
                new Wire.PeerStatus { Node = 4, LastHeardMsAgo = -1 },
            },
            Partitions =
            {
                new Wire.PartitionStatus
                {
                    Partition = 3, Replica = 7, Applied = clock, Keys = 5, LogBytes = 6, Parked = 8,
                    Digest = request.Digests ? ByteString.CopyFrom(1, 2) : ByteString.Empty,
                    NotServing = "it starts", Contradicting = { 3 }, CollectionWaitsMs = 60_000,
                    Lags =
                    {
                        new Wire.ReplicaLag { Node = 3, MissingChanges = 12, BehindMs = 1_500 },
                        new Wire.ReplicaLag { Node = 4, MissingChanges = -1 },
                    },
                },
            },
            Cuts = { 3 },
            FaultInjection = true,
            Journal = new Wire.JournalStatus { Commits = 1, Bytes = 2, Events = 3, Path = "/data" },
            Commits = new Wire.CommitCounts { Commits = 4, Events = 5, Bytes = 6, Microseconds = 7_000, LongestUs = 8_000 },
            Conflicts = { "k" },
            InFlightBytes = 77,
        };

        var status = await admin.StatusAsync(digests: true);

        Assert.Equal((2, 4, "1.2", TimeSpan.FromSeconds(1.5), true, true, "disk full", true, 77L),
            (status.Node, status.ProcessId, status.Version, status.Uptime, status.Ready, status.RefusingWrites, status.Trouble,
                status.FaultInjection, status.InFlightBytes));
        Assert.Equal(
            [
                new PeerStatus
                {
                    Node = 3,
                    Reachable = true,
                    LastHeardAgo = TimeSpan.FromMilliseconds(20),
                    BytesSent = 1,
                    BytesReceived = 2,
                    MessagesDropped = 3,
                },
                new PeerStatus { Node = 4 },
            ],
            status.Peers);
        var partition = Assert.Single(status.Partitions);
        Assert.Equal((3, 7UL, 5L, 6L, 8L), (partition.Partition, partition.Replica, partition.Keys, partition.LogBytes, partition.Parked));
        Assert.Equal([new ClockEntry(7, 9)], partition.Applied);
        Assert.Empty(partition.Durable);
        Assert.Equal([1, 2], partition.Digest.ToArray());
        Assert.Equal("it starts", partition.NotServing);
        Assert.Equal([3], partition.Contradicting);
        Assert.Equal(
            [new ReplicaLag { Node = 3, MissingChanges = 12, Behind = TimeSpan.FromSeconds(1.5) }, new ReplicaLag { Node = 4 }],
            partition.Lags);
        Assert.Equal(TimeSpan.FromMinutes(1), partition.CollectionWaits);
        Assert.Equal(
            new CommitCounts
            {
                Commits = 4,
                Events = 5,
                Bytes = 6,
                Time = TimeSpan.FromMilliseconds(7),
                Longest = TimeSpan.FromMilliseconds(8),
            },
            status.Commits);
        Assert.Equal([3], status.Cuts);
        Assert.Equal(["k"], status.Conflicts);
        Assert.Equal(new JournalStatus { Commits = 1, Bytes = 2, Events = 3, Path = "/data" }, status.Journal);
        Assert.True((await admin.StatusAsync()).Partitions[0].Digest.IsEmpty);
    }

    [Fact]
    public async Task Inspection_says_what_the_node_holds()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        using var admin = new GossipdbAdmin(cluster[1].Endpoint);
        cluster[1].Admin.OnInspect = request => new InspectReply
        {
            Node = 1,
            Partition = 5,
            Owner = request.Key.ToStringUtf8() == "schlüssel",
            Replica = 6,
            Clock = new Clock { Entries = { new VectorEntry { Replica = 6, Sequence = 2 } } },
            Owners = { 1, 2 },
            Objects =
            {
                new Wire.InspectedObject
                {
                    Type = Wire.ValueType.MultiRegister, Answers = true, Visible = true, Lines = { "one", "two" },
                    LastChange = { new VectorEntry { Replica = 6, Sequence = 1 } }, CreatedUnixMs = 1000,
                },
            },
        };

        var inspection = await admin.InspectAsync("schlüssel");

        Assert.Equal((1, 5, true, 6UL), (inspection.Node, inspection.Partition, inspection.Owner, inspection.Replica));
        Assert.Equal([new ClockEntry(6, 2)], inspection.Clock);
        Assert.Equal([1, 2], inspection.Owners);
        var found = Assert.Single(inspection.Objects);
        Assert.Equal(
            (StoredType.MultiRegister, true, true, DateTimeOffset.FromUnixTimeSeconds(1)),
            (found.Type, found.Answers, found.Visible, found.Created));
        Assert.Equal(["one", "two"], found.Lines);
        Assert.Equal([new ClockEntry(6, 1)], found.LastChange);
    }

    [Fact]
    public async Task Faults_arrive_as_they_were_said_and_a_refusal_is_told()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        using var admin = new GossipdbAdmin(cluster[1].Endpoint);
        var told = new FaultSet
        {
            Links =
            [
                new(1, 2)
                {
                    Delay = TimeSpan.FromMilliseconds(80.5), Jitter = TimeSpan.FromMilliseconds(20), Loss = 0.02, BytesPerSecond = 1 << 20,
                },
                new(2, 1) { Cut = true, Every = TimeSpan.FromSeconds(2), For = TimeSpan.FromMilliseconds(500) },
            ],
            Clocks = [new(2) { Offset = TimeSpan.FromSeconds(-30), Drift = 0.01 }],
            Disks = [new(3) { Full = true, Slow = TimeSpan.FromMilliseconds(50) }],
        };

        var answer = await admin.SetFaultsAsync(told);
        Assert.Equal(told.Links, answer.Links);
        Assert.Equal(told.Clocks, answer.Clocks);
        Assert.Equal(told.Disks, answer.Disks);
        Assert.True((await admin.FaultsAsync()).IsEmpty);

        // Nonsense is the node's to name, and must not become something else on the way.
        cluster[1].Admin.OnFaults = static told => throw new RpcException(new Status(
            StatusCode.InvalidArgument, $"{told.Links[0].BytesPerSecond} {told.Links[0].EveryUs}"));
        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(
            () => admin.SetFaultsAsync(new() { Links = [new(1, 2) { BytesPerSecond = 0, Every = TimeSpan.Zero }] }));
        Assert.Equal("-1 -1", refusal.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => admin.SetFaultsAsync(new() { Disks = [new(-1)] }));
    }

    [Fact]
    public async Task The_cluster_is_described()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        cluster.MaxKeyBytes = 12;
        cluster.Unreachable = static (_, node) => node == 2;
        using var admin = new GossipdbAdmin(cluster[3].Endpoint.Replace("http://", "", StringComparison.Ordinal));

        var description = await admin.DescribeAsync();

        Assert.Equal(cluster[3].Endpoint, admin.Endpoint);
        Assert.Equal(
            (3, 8, 3, 1L, 12, 0, 1000),
            (description.Node, description.Partitions, description.Replication, description.LayoutVersion,
                description.MaxKeyBytes, description.MaxValueBytes, description.MaxBatch));
        Assert.Equal(
            cluster.Nodes.Select(node => new NodeDescription { Id = (int)node.Id, Endpoint = node.Endpoint, Reachable = node.Id != 2 }),
            description.Nodes);
        Assert.Equal([2, 3, 1], description.Owners[1]);
    }

    [Fact]
    public async Task An_endpoint_where_no_node_listens_is_named()
    {
        var endpoint = FakeAnswers.UnusedEndpoint();
        using var admin = new GossipdbAdmin(endpoint);

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => admin.StatusAsync());

        Assert.Equal($"No node answers at {endpoint}: connection refused.", failure.Message);
    }
}
