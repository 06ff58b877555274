using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(SharedCluster.Name)]
public sealed class PartitionTests(SharedCluster shared)
{
    [Fact]
    public async Task A_cluster_started_again_serves_everything_it_had()
    {
        var first = await TestCluster.StartAsync();
        await using (var client = await first.ConnectAsync()) await WriteEveryTypeAsync(client);
        await using var again = await first.RestartAllAsync();
        foreach (var node in again.Local.Nodes)
        {
            await using var client = await again.ConnectOnlyAsync(node.Id);
            await again.UntilAsync("the node shows what was written", async () => await ShowsEveryTypeAsync(client, Read.One));
        }

        await again.UntilConvergedAsync();
    }

    [Fact]
    public async Task Both_sides_of_a_cut_go_on_and_merge()
    {
        var cluster = await shared.WholeAsync();
        await cluster.CutAsync([1], [2, 3]);
        await using var small = await cluster.ConnectOnlyAsync(1);
        await using var large = await cluster.ConnectOnlyAsync(2, 3);

        var refused = await Assert.ThrowsAsync<UnavailableException>(() => small.Set("cart").AddAsync("refused", Write.Quorum));
        Assert.Equal((2, 1), (refused.Required, refused.Reachable));
        await Assert.ThrowsAsync<UnavailableException>(() => small.Set("cart").GetAsync(Read.Quorum));
        await small.Set("cart").AddAsync("small", Write.One);
        await large.Set("cart").AddAsync("large", Write.Quorum);
        await small.Counter("count").IncrementAsync(3, Write.One);
        await large.Counter("count").IncrementAsync(4, Write.Quorum);
        await small.MultiRegister("title").SetAsync("ours", Write.One);
        await large.MultiRegister("title").SetAsync("theirs", Write.Quorum);
        Assert.Equal(["small"], await small.Set("cart").GetAsync(Read.One));

        // A node that dies and comes back during the cut is still cut off, and still serves.
        await cluster.Local.KillAsync(1);
        await cluster.Local.RestartAsync(1);
        await using var reborn = await cluster.ConnectOnlyAsync(1);
        await cluster.UntilAsync("node 1 is alone", async () => (await cluster.StatusAsync(1)).Peers.All(static peer => !peer.Reachable));
        Assert.Equal(["small"], await reborn.Set("cart").GetAsync(Read.One));
        await reborn.Counter("count").IncrementAsync(5, Write.One);
        await Assert.ThrowsAsync<UnavailableException>(() => reborn.Set("cart").AddAsync("refused", Write.Quorum));

        await cluster.HealAsync();
        await cluster.UntilConvergedAsync();
        foreach (var node in cluster.Local.Nodes)
        {
            await using var client = await cluster.ConnectOnlyAsync(node.Id);
            Assert.Equal(["large", "small"], await client.Set("cart").GetAsync(Read.One));
            Assert.Equal(12, await client.Counter("count").GetAsync(Read.One));
            Assert.Equal(["ours", "theirs"], (await client.MultiRegister("title").GetAsync(Read.One)).Order(StringComparer.Ordinal));
        }

        await using var everywhere = await cluster.ConnectAsync();
        await everywhere.Set("cart").AddAsync("after", Write.All);
    }

    [Fact]
    public async Task With_five_nodes_any_of_them_serves_any_key()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 5);
        for (var node = 1; node <= 5; node++)
        {
            // 40 keys meet partitions this node does not own: those requests are forwarded.
            await using var client = await cluster.ConnectOnlyAsync(node);
            for (var key = 0; key < 40; key++) await client.Counter($"key:{key}").IncrementAsync(1, Write.Quorum);
        }

        await using (var client = await cluster.ConnectAsync())
            for (var key = 0; key < 40; key++) Assert.Equal(5, await client.Counter($"key:{key}").GetAsync(Read.Quorum));

        // Nodes 1 and 2 own no partition alone: on their own they are refused quorums, and whole partitions where neither is an owner.
        await cluster.CutAsync([1, 2], [3, 4, 5]);
        await using var small = await cluster.ConnectOnlyAsync(1);
        int served = 0, refused = 0;
        for (var key = 0; key < 40; key++)
        {
            try
            {
                await small.Counter($"key:{key}").IncrementAsync(1, Write.One);
                served++;
            }
            catch (UnavailableException)
            {
                refused++;
            }
        }

        Assert.True(served > 0 && refused > 0, $"{served} served, {refused} refused");
        await cluster.HealAsync();
        await cluster.UntilAsync("every key is within reach again", async () =>
        {
            long sum = 0;
            for (var key = 0; key < 40; key++) sum += await small.Counter($"key:{key}").GetAsync(Read.All);
            return sum == 200 + served;
        });
    }

    private static async Task WriteEveryTypeAsync(GossipdbClient client)
    {
        await client.Counter("counter").IncrementAsync(7);
        await client.Set("set").AddAsync(["a", "b", "c"]);
        await client.Set("set").RemoveAsync("b");
        await client.Register("register").SetAsync("value");
        await client.MultiRegister("multi").SetAsync("one");
        await client.Flag("flag").EnableAsync();
        await client.Map("map").UpdateAsync(static fields => fields.Increment("n", 2).Add("tags", "x").SetRegister("city", "Oslo"));
        await client.Set("deleted").AddAsync("gone");
        await client.DeleteAsync("deleted");
    }

    private static async Task<bool> ShowsEveryTypeAsync(GossipdbClient client, Read read)
    {
        var map = await client.Map("map").GetAsync(read);
        return await client.Counter("counter").GetAsync(read) == 7
            && (await client.Set("set").GetAsync(read)).SequenceEqual(["a", "c"])
            && await client.Register("register").GetAsync(read) == "value"
            && (await client.MultiRegister("multi").GetAsync(read)).SequenceEqual(["one"])
            && await client.Flag("flag").GetAsync(read)
            && map.Counter("n") == 2 && map.ToString().Contains("Oslo", StringComparison.Ordinal)
            && await client.GetAsync("deleted", read) is null;
    }
}
