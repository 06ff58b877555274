using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(RealProcesses.Name)]
public sealed class DiskTests
{
    private const int Keys = 400;

    [Fact]
    public async Task A_node_that_lost_its_disk_takes_everything_anew_and_lets_nobody_read_less()
    {
        // Small logs: what the node lacks comes as images.
        await using var cluster = await TestCluster.StartAsync(
            3, "gossipdb.replication.event-log = 1KiB", "gossipdb.replication.image-slice = 1KiB");
        await using (var client = await cluster.ConnectAsync()) await WriteAsync(client, "before");
        await cluster.UntilConvergedAsync();

        await cluster.WipeAsync(2);
        await using (var others = await cluster.ConnectOnlyAsync(1, 3)) await WriteAsync(others, "meanwhile");
        await cluster.Local.RestartAsync(2);
        await using (var wiped = await cluster.ConnectOnlyAsync(2))
            for (var i = 0; i < Keys; i++) Assert.Equal(["before", "meanwhile"], await ReadAsync(wiped, i, Read.Quorum));
        await cluster.UntilConvergedAsync();

        // It holds all of it itself by now, through another start too.
        await cluster.Local.KillAsync(2);
        await cluster.Local.RestartAsync(2);
        await cluster.Local.KillAsync(1);
        await cluster.Local.KillAsync(3);
        await using var alone = await cluster.ConnectOnlyAsync(2);
        for (var i = 0; i < Keys; i++) Assert.Equal(["before", "meanwhile"], await ReadAsync(alone, i, Read.One));
    }

    [Fact]
    public async Task A_long_journal_is_cut_and_what_is_left_of_it_is_enough()
    {
        await using var cluster = await TestCluster.StartAsync(3, "gossipdb.journal.size = 64KiB");
        await using (var client = await cluster.ConnectAsync())
        {
            for (var round = 0; round < 8; round++)
            {
                await WriteAsync(client, "again");
                await client.Counter("rounds").IncrementAsync(1, Write.All);
            }
        }

        // Eight rounds are about 400 KB of events a node, one image of everything about 60 KB.
        await cluster.UntilAsync("the journals are cut", async () => (await cluster.StatusAsync(1)).Journal.Bytes < 250_000);
        await cluster.UntilConvergedAsync();
        for (var node = 1; node <= 3; node++) await cluster.Local.KillAsync(node);
        await Task.WhenAll(Enumerable.Range(1, 3).Select(node => cluster.Local.RestartAsync(node)));
        await cluster.UntilConvergedAsync();
        await using var after = await cluster.ConnectAsync();
        Assert.Equal(8, await after.Counter("rounds").GetAsync(Read.Quorum));
        for (var i = 0; i < Keys; i++) Assert.Equal(["again"], await ReadAsync(after, i, Read.Quorum));
    }

    [Fact]
    public async Task A_node_whose_journal_takes_nothing_is_not_counted_for_writes_and_is_read_all_the_same()
    {
        await using var cluster = await TestCluster.StartAsync(4, "gossipdb.journal.busy-timeout = 1s");
        await cluster.UntilStandInsAreReadyAsync();
        await using var others = await cluster.ConnectAsync();
        var partition = (await others.Counter("k").IncrementAsync(1, Write.All)).Partition;
        var refusing = (await cluster.StatusAsync(1)).Cluster.Owners[partition][^1];
        await using var client = await cluster.ConnectOnlyAsync([.. Enumerable.Range(1, 4).Where(node => node != refusing)]);
        await using (cluster.LockJournal(refusing))
        {
            await using var itself = await cluster.ConnectOnlyAsync(refusing);
            _ = await Record.ExceptionAsync(() =>
                itself.Counter("k").IncrementAsync(1, Write.One with { Timeout = TimeSpan.FromSeconds(2) }));
            await cluster.UntilAsync("the journal has failed", async () => (await cluster.StatusAsync(refusing)).RefusingWrites);
        }

        await cluster.UntilAsync("the others have heard", async () =>
            (await Task.WhenAll(Enumerable.Range(1, 4).Where(node => node != refusing).Select(node => cluster.StatusAsync(node))))
                .All(status => status.Peers.Single(peer => peer.Node == refusing).RefusingWrites));

        // Refused, not left in doubt; and what does without it goes on.
        var before = await client.Counter("k").GetAsync(Read.Quorum);
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => client.Counter("k").IncrementAsync(1, Write.All));
        Assert.Contains($"the journal of node {refusing} takes no writes", refused.Message, StringComparison.Ordinal);
        await client.Counter("k").IncrementAsync(1, Write.Quorum);
        var sloppy = await client.Counter("k").IncrementAsync(1, Write.All.Sloppy);
        Assert.Single(sloppy.StandIns);
        Assert.Equal(before + 2, await client.Counter("k").GetAsync(Read.All));

        // Started anew it takes writes again.
        await cluster.Local.KillAsync(refusing);
        await cluster.Local.RestartAsync(refusing);
        await cluster.UntilAsync("it counts again", async () => (await client.Counter("k").IncrementAsync(1, Write.All)).Nodes.Count == 3);
    }

    private static Task WriteAsync(GossipdbClient client, string element) =>
        Task.WhenAll(Enumerable.Range(0, Keys).Select(i => client.Set($"key-{i}").AddAsync(element, Write.Quorum)));

    private static async Task<string[]> ReadAsync(GossipdbClient client, int key, Read read) =>
        [.. (await client.Set($"key-{key}").GetAsync(read)).Order(StringComparer.Ordinal)];
}
