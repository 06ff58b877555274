using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>Owners whose acks a write does not wait for.</summary>
[Collection(RealProcesses.Name)]
public sealed class LazyOwnerTests
{
    [Fact]
    public async Task A_write_at_quorum_goes_to_one_other_owner_at_once_and_to_the_third_soon()
    {
        await using var cluster = await TestCluster.StartAsync(
            3, "gossipdb.replication.lazy-delay = 60m", "gossipdb.replication.write-hedge = 60m", "gossipdb.replication.tick = 2s");
        await using var client = await cluster.ConnectAsync();
        var counter = client.Counter("visits");
        var receipts = new List<Receipt>();
        for (var i = 0; i < 20; i++) receipts.Add(await counter.IncrementAsync(1, Write.Quorum));
        Assert.Contains(receipts, static receipt => receipt.Nodes.Count == 2);

        // By the tick, at which everybody gets everything.
        var third = Enumerable.Range(1, 3).Except(receipts[^1].Nodes).DefaultIfEmpty(3).First();
        await using var there = await cluster.ConnectOnlyAsync(third);
        await cluster.UntilAsync("the third owner has them", async () => await there.Counter("visits").GetAsync(Read.One) == 20);
        Assert.Equal(3, (await counter.IncrementAsync(1, Write.All)).Nodes.Count);
    }

    [Fact]
    public async Task Where_the_owner_that_is_waited_for_stands_still_the_other_one_is_asked_before_anybody_misses_it()
    {
        await using var cluster = await TestCluster.StartAsync(
            3, "gossipdb.links.unreachable-after = 2m", "gossipdb.replication.lazy-delay = 60m");
        await using var client = await cluster.ConnectOnlyAsync(1);
        await client.Counter("visits").IncrementAsync(1, Write.All);
        await cluster.Local.PauseAsync(2);

        for (var i = 0; i < 20; i++) Assert.Equal([1, 3], (await client.Counter($"key-{i}").IncrementAsync(1, Write.Quorum)).Nodes.Order());
    }
}
