using System.Diagnostics;
using System.Text;
using Akka.Actor;
using Akka.DistributedData;
using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Node.Server;
using Gossipdb.Replication;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A part that the node cannot do without ends, or does not answer.</summary>
public sealed class DyingPartTests
{
    [Theory]
    [InlineData("partition", "partition 1", "poison")]
    [InlineData("partition", "partition 1", "kill")]
    [InlineData("partition", "partition 1", "stop")]
    [InlineData("commit log", "the journal", "poison")]
    [InlineData("cluster view", "the cluster view", "kill")]
    [InlineData("replicator", "the replicator of the cluster's metadata", "stop")]
    [InlineData("link", "the link to node 2", "poison")]
    [InlineData("stand-in", "the stand-in of partition 1", "kill")]
    [InlineData("guardian", "the guardian of the node's parts", "stop")]
    public async Task A_part_that_ends_unplanned_ends_the_node_with_an_error(string part, string named, string how)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);

        End(node.Actors, PartOf(node, part), how);

        Assert.Equal(1, await node.EndedAsync());
        Assert.Contains($"{named} has ended unexpectedly; the node stops", node.ReadLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_to_a_partition_that_has_ended_are_answered_at_once()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        await using var client = await GossipdbClient.ConnectAsync(new GossipdbOptions { Endpoints = [node.Endpoint], Timeout = TimeSpan.FromSeconds(50) });
        await client.Counter("k").IncrementAsync();
        for (var i = 0; i < 4; i++) node.Context.Partitions[i]!.Tell(PoisonPill.Instance);

        var since = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<GossipdbException>(async () => await client.Counter("k").GetAsync());
        await Assert.ThrowsAnyAsync<GossipdbException>(() => client.Counter("k").IncrementAsync());

        Assert.Equal(1, await node.EndedAsync());

        // Far less than a time-out of either side.
        Assert.InRange(since.Elapsed.TotalSeconds, 0, 40);
    }

    [Fact]
    public async Task A_partition_that_does_not_answer_is_named_and_the_others_are_shown()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, """
            gossipdb.health.silent-after = 1s
            gossipdb.health.dead-after = 2s
            """);
        using var mayGoOn = new ManualResetEventSlim();
        var key = Enumerable.Range(0, 1000).Select(static i => $"k{i}").First(static key => Replication.Partitioner.PartitionOf(Encoding.UTF8.GetBytes(key), 4) == 2);
        var blocked = Task.Run(() => node.Gateway.Serve(
            new Protocol.Request { Id = 1, Key = ByteString.CopyFromUtf8(key), Read = new(), Level = new() { Named = Protocol.Level.Types.Named.One } },
            new BlockingSink(mayGoOn)));

        try
        {
            using var admin = new GossipdbAdmin(node.Endpoint, TimeSpan.FromSeconds(10));
            var status = await admin.StatusAsync();
            Assert.Equal(["partition 2"], status.Unanswered);
            Assert.Equal([0, 1, 3], status.Partitions.Select(static partition => partition.Partition));
            var refused = await Assert.ThrowsAnyAsync<GossipdbException>(() => admin.InspectAsync(key));
            Assert.Contains("partition 2 of node 1 does not answer", refused.Message, StringComparison.Ordinal);
            await Poll.UntilAsync(async () => await node.HealthAsync("ready") is (503, "no answer from partition 2\n"), "the node is not ready");
            await Poll.UntilAsync(async () => (await node.HealthAsync("live")).Status == 503, "the node is not live");
        }
        finally
        {
            mayGoOn.Set();
            await blocked;
        }

        await Poll.UntilAsync(async () => (await node.HealthAsync("ready")).Status == 200, "the node is ready again");
        Assert.Equal(200, (await node.HealthAsync("live")).Status);
    }

    private static IActorRef PartOf(RunningNode node, string part) => part switch
    {
        "partition" => node.Context.Partitions[1]!,
        "commit log" => node.Context.CommitLog,
        "cluster view" => node.Context.ClusterView,
        "replicator" => DistributedData.Get(node.Actors).Replicator,
        "link" => LinkToNobody(node),
        "stand-in" => node.Context.Actors.OpenStandIn(1),
        "guardian" => node.Context.Guardian,
        _ => throw new ArgumentException(part),
    };

    private static void End(ActorSystem system, IActorRef part, string how)
    {
        if (how == "poison") part.Tell(PoisonPill.Instance);
        else if (how == "kill") part.Tell(Kill.Instance);
        else ((IInternalActorRef)part).Stop();
    }

    private static IActorRef LinkToNobody(RunningNode node)
    {
        node.Context.LearnAddresses(Layout.Found(4, 2, [new Member(new NodeId(2), "127.0.0.1", TestSettings.FreePorts(1)[0], "http://127.0.0.1:1")]));
        node.Context.Actors.OpenLink(new NodeId(2));
        return node.Context.Links.Values.Single();
    }

    // An answer is handed over by the partition's own thread.
    private sealed class BlockingSink(ManualResetEventSlim mayGoOn) : IReplySink
    {
        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(Call call, long bytes) => true;

        public void Complete(Call call, Protocol.Reply reply) => mayGoOn.Wait();
    }
}
