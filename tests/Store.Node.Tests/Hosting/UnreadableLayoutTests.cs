using System.Text;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Hosting;
using Gossipdb.Node.Membership;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What others publish of the layout cannot be read or kept here.</summary>
public sealed class UnreadableLayoutTests
{
    private const string LayoutName = "gossipdb-layout";
    private const string StagedName = "gossipdb-layout-staged";
    private const string Published = "the layout that the cluster publishes";
    private const string Staged = "what is staged to be the next layout";

    [Theory]
    [InlineData("this is no JSON", "")]
    [InlineData("null", "the file is empty")]
    [InlineData("""{"Format":3}""", "unknown format 3")]
    [InlineData(
        """{"Format":2,"Version":7,"Replication":1,"Members":[{"Id":1}],"Owners":[[9]]}""",
        "partition 0 has owner 9, which is not a member")]
    [InlineData(
        """{"Format":2,"Version":7,"Replication":1,"Members":[{"Id":1,"PeerHost":"no host","PeerPort":1}],"Owners":[[1]]}""",
        "member 1 is reached at 'no host:1', which is no address")]
    [InlineData("""{"Format":2,"Version":7,"Replication":1,"Members":[{"Id":1}],"Owners":[null]}""", "")]
    [InlineData(
        """{"Format":2,"Version":7,"Replication":1,"Members":[{"Id":1}],"Owners":[[1]]}""", "it has 1 partitions, and this cluster 4")]
    public async Task A_published_layout_that_cannot_be_used_is_told_once_and_skipped(string published, string why)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await FoundedAsync(directory);

        Publish(node, LayoutName, Encoding.UTF8.GetBytes(published), 1_000);

        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).Trouble.StartsWith($"{Published} cannot be used and is "
            + $"ignored: {why}", StringComparison.Ordinal), "the trouble is told");
        Assert.Equal(200, (await node.HealthAsync("ready")).Status);
        await (await node.ClientAsync()).Counter("k").IncrementAsync();

        // It can be read again: the next version is taken, by the actor that has been there all along.
        var view = node.Part<IReadOnlyActorRegistry>().Get<ClusterView>();
        var next = node.Partitions.Layout.With(node.Partitions.Layout.Members, []);
        Publish(node, LayoutName, LayoutFile.Encode(next), 2_000);
        await Poll.UntilAsync(() => Task.FromResult(node.Partitions.Layout.Version == next.Version), "the next layout is taken");
        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).Trouble.Length == 0, "the trouble is over");
        Assert.Same(view, node.Part<IReadOnlyActorRegistry>().Get<ClusterView>());
        Assert.Equal(1, Occurrences(node.ReadLog(), $"{Published} cannot be used and is ignored"));
        Assert.Equal(0, Occurrences(node.ReadLog(), "Exception"));
    }

    [Fact]
    public async Task Staged_changes_that_cannot_be_read_are_told_and_nothing_is_staged()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await FoundedAsync(directory);
        Publish(node, StagedName, LayoutFile.EncodeStaged(new StagedLayout(2, node.Partitions.Layout.Members)), long.MaxValue - 2);
        await Poll.UntilAsync(() => Task.FromResult(node.Part<StagedChanges>().Current is not null), "something is staged");

        Publish(node, StagedName, [1, 2, 3], long.MaxValue - 1);

        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).Trouble.StartsWith(
            $"{Staged} cannot be used and is ignored", StringComparison.Ordinal), "the trouble is told");
        Assert.Null(node.Part<StagedChanges>().Current);
        Assert.Null((await node.Admin.LayoutAsync()).Staged);
    }

    [Fact]
    public async Task A_value_of_another_type_is_told_and_skipped()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await FoundedAsync(directory);
        var foreign = new LWWRegisterKey<string>(StagedName);
        var address = Cluster.Get(node.Actors).SelfUniqueAddress;
        DistributedData.Get(node.Actors).Replicator.Tell(Dsl.Update(
            foreign,
            new LWWRegister<string>(address, "no bytes", 1),
            WriteLocal.Instance,
            register => new LWWRegister<string>(address, "no bytes", 2)));

        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).Trouble.StartsWith(
            $"{Staged} cannot be used and is ignored", StringComparison.Ordinal), "the trouble is told");
        Assert.Equal(200, (await node.HealthAsync("ready")).Status);
    }

    [Fact]
    public async Task A_layout_that_cannot_be_kept_on_the_disk_is_taken_once_it_can()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await FoundedAsync(directory);
        var obstacle = Path.Combine(directory.Path, "layout.json.new");
        Directory.CreateDirectory(obstacle);
        var next = node.Partitions.Layout.With(node.Partitions.Layout.Members, []);

        Publish(node, LayoutName, LayoutFile.Encode(next), 1_000);

        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).Trouble.Contains("version 2 of the layout cannot be kept on the "
            + "disk of node 1", StringComparison.Ordinal), "the trouble is told");
        Assert.Equal(1, node.Partitions.Layout.Version);
        Directory.Delete(obstacle);
        await Poll.UntilAsync(() => Task.FromResult(node.Partitions.Layout.Version == 2), "the layout is taken");
        await Poll.UntilAsync(async () => (await node.Admin.StatusAsync()).Trouble.Length == 0, "the trouble is over");
    }

    private static async Task<RunningNode> FoundedAsync(TemporaryDirectory directory)
    {
        var node = await RunningNode.StartAsync(directory.Path);
        var cluster = Cluster.Get(node.Actors);
        await Poll.UntilAsync(() => Task.FromResult(cluster.SelfMember.Status == MemberStatus.Up), "the node is a member");
        return node;
    }

    private static void Publish(RunningNode node, string name, byte[] bytes, long timestamp)
    {
        var address = Cluster.Get(node.Actors).SelfUniqueAddress;
        DistributedData.Get(node.Actors).Replicator.Tell(Dsl.Update(
            new LWWRegisterKey<byte[]>(name),
            new LWWRegister<byte[]>(address, [], 0),
            WriteLocal.Instance,
            _ => new LWWRegister<byte[]>(address, bytes, timestamp)));
    }

    private static int Occurrences(string text, string part) => text.Split(part).Length - 1;
}
