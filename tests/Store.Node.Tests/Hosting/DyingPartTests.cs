using System.Text;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Hosting;
using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Placement;
using Grpc.Core;

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

    // Akka's part of the cluster ends, and the replicator with it: as it does where the other nodes have given this one up.
    [Theory]
    [InlineData("")]
    [InlineData("akka.cluster.min-nr-of-members = 2 # it joins, and never becomes more than joining")]
    public async Task A_node_that_was_given_up_as_a_member_goes_on_and_says_so(string configuration)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, configuration);
        var cluster = Cluster.Get(node.Actors);
        await Poll.UntilAsync(
            () => Task.FromResult(cluster.SelfMember.Status == (configuration.Length > 0 ? MemberStatus.Joining : MemberStatus.Up)),
            "the node has joined");

        cluster.Down(cluster.SelfAddress);

        await Poll.UntilAsync(
            async () => (await node.HealthAsync("ready")) is (503, var why) && why.Contains("declared lost", StringComparison.Ordinal),
            "the node says that it was declared lost");
        Assert.Equal(200, (await node.HealthAsync("live")).Status);
    }

    [Fact]
    public async Task Calls_to_a_partition_that_has_ended_are_answered_at_once()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);

        // A stream that has asked nothing yet is told too.
        using var stream = node.Raw.Stream(deadline: DateTime.UtcNow.AddMinutes(1));
        await stream.RequestStream.WriteAsync(new Protocol.RequestBatch());
        var first = node.Raw.ExecuteAsync(Read(KeyOf(partition: 2)), deadline: DateTime.UtcNow.AddMinutes(1)).ResponseAsync;
        Assert.Equal(Protocol.Reply.OutcomeOneofCase.Value, (await first).OutcomeCase);

        Assert.True(await node.Partitions.Find(2)!.Actor.GracefulStop(TimeSpan.FromMinutes(1)));
        var calls = Enumerable.Range(0, 20)
            .Select(_ => node.Raw.ExecuteAsync(Read(KeyOf(partition: 2)), deadline: DateTime.UtcNow.AddMinutes(1)).ResponseAsync)
            .ToList();

        foreach (var call in calls) Assert.Equal(StatusCode.Unavailable, await OutcomeAsync(call));
        var ended = await Assert.ThrowsAsync<RpcException>(async () => await stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
        Assert.Equal(1, await node.EndedAsync());
    }

    [Fact]
    public async Task A_partition_that_does_not_answer_is_named_and_the_others_are_shown()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, """
            # Each partition has a lane of its own: the others are not held up.
            gossipdb.node.lanes = 4
            gossipdb.health.silent-after = 1s
            gossipdb.health.dead-after = 2s
            """);

        // The journal would wait to confirm to it what it wrote at its start.
        await Poll.UntilAsync(
            async () => await node.Part<NodeJournal>().Log.Ask<Node.Journal.JournalStatus>(CommitLog.StatusQuery.Instance) is
            { Events: >= 4, WaitingBytes: 0 },
            "all that was written is confirmed");
        using var mayGoOn = new ManualResetEventSlim();
        var key = KeyOf(partition: 2);
        var sink = new BlockingSink(mayGoOn);
        var blocked = Task.Run(() => node.Gateway.Serve(Read(key), sink));
        Assert.True(sink.Entered.Wait(TimeSpan.FromSeconds(30)));
        try
        {
            using var admin = new GossipdbAdmin(node.Endpoint, TimeSpan.FromSeconds(10));
            await Poll.UntilAsync(
                async () => await admin.StatusAsync() is { Unanswered: ["partition 2"] } status
                    && status.Partitions.Select(static partition => partition.Partition).SequenceEqual([0, 1, 3]),
                TimeSpan.FromSeconds(60), "the status names it and shows the others");
            var refused = await Assert.ThrowsAnyAsync<GossipdbException>(() => admin.InspectAsync(key));
            Assert.Contains("partition 2 of node 1 does not answer", refused.Message, StringComparison.Ordinal);
            await Poll.UntilAsync(
                async () => await node.HealthAsync("ready") is (503, "no answer from partition 2\n"),
                TimeSpan.FromSeconds(60),
                "the node is not ready");
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

    private static Protocol.Request Read(string key) =>
        new() { Id = 1, Key = ByteString.CopyFromUtf8(key), Read = new(), Level = new() { Named = Protocol.Level.Types.Named.One } };

    private static string KeyOf(int partition) =>
        Enumerable.Range(0, 1000)
            .Select(static i => $"k{i}")
            .First(key => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(key), 4) == partition);

    // A refusal in an answer, or in place of one.
    private static async Task<StatusCode> OutcomeAsync(Task<Protocol.Reply> call)
    {
        try
        {
            return (await call).Error?.Code == Protocol.ErrorCode.Unavailable ? StatusCode.Unavailable : StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }

    private static IActorRef PartOf(RunningNode node, string part) => part switch
    {
        "partition" => node.Partitions.Find(1)!.Actor,
        "commit log" => node.Part<NodeJournal>().Log,
        "cluster view" => node.Part<IReadOnlyActorRegistry>().Get<ClusterView>(),
        "replicator" => DistributedData.Get(node.Actors).Replicator,
        "stand-in" => node.Partitions.OpenFallback(1)!.Actor,
        "guardian" => node.Part<IReadOnlyActorRegistry>().Get<NodeGuardian>(),
        _ => throw new ArgumentException(part),
    };

    private static void End(ActorSystem system, IActorRef part, string how)
    {
        if (how == "poison") part.Tell(PoisonPill.Instance);
        else if (how == "kill") part.Tell(Kill.Instance);
        else ((IInternalActorRef)part).Stop();
    }

    // An answer is handed over within the partition's lane.
    private sealed class BlockingSink(ManualResetEventSlim mayGoOn) : IReplySink
    {
        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public ManualResetEventSlim Entered { get; } = new();

        public void Complete(ServerCall call, Protocol.Reply reply)
        {
            Entered.Set();
            mayGoOn.Wait();
        }
    }
}
