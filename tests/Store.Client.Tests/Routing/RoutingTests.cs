using Gossipdb.Client.Routing;
using Gossipdb.Client.Tests.Fakes;

namespace Gossipdb.Client.Tests.Routing;

public class RoutingTests
{
    [Fact]
    public async Task A_call_goes_to_the_first_owner_of_its_key()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync();

        for (uint node = 1; node <= 3; node++)
        {
            for (var i = 0; i < 20; i++)
                await client.Counter(cluster.KeyOf(node)).IncrementAsync();
        }

        Assert.All(cluster.Nodes, node =>
        {
            Assert.Equal(20, node.Requests.Count);
            Assert.All(node.Requests, request => Assert.Equal(cluster.KeyOf(node.Id), request.Key.ToStringUtf8()));
        });
    }

    [Fact]
    public async Task One_endpoint_is_enough_to_find_the_others()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await GossipdbClient.ConnectAsync(cluster[1].Endpoint);

        await cluster.UntilAnsweredByAsync(client, cluster[3]);
        await cluster.UntilAnsweredByAsync(client, cluster[2]);
    }

    [Fact]
    public async Task Without_discovery_only_the_given_endpoints_are_used()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        var options = GossipdbOptions.ForEndpoints(cluster[2].Endpoint);
        options.Discover = false;
        options.RefreshInterval = TimeSpan.FromMilliseconds(1);
        var described = 0;
        var all = new TaskCompletionSource();
        var describe = cluster[2].Describe;
        cluster[2].Describe = () =>
        {
            // By the third answer the first has been taken in.
            if (Interlocked.Increment(ref described) == 3)
                all.TrySetResult();
            return describe();
        };
        await using var client = await GossipdbClient.ConnectAsync(options);
        await all.Task;

        for (uint node = 1; node <= 3; node++)
            Assert.Equal([2], (await client.ReadAsync(cluster.KeyOf(node))).Receipt.Nodes);
        await cluster[2].KillAsync();
        await Assert.ThrowsAnyAsync<GossipdbException>(() =>
            client.GetAsync("key", Read.One with { Timeout = TimeSpan.FromMilliseconds(200) }));

        Assert.Empty(cluster[1].Requests);
        Assert.Empty(cluster[3].Requests);
    }

    [Fact]
    public async Task An_owner_that_the_cluster_cannot_reach_comes_last()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(options => options.RefreshInterval = TimeSpan.FromMilliseconds(1));
        cluster.Unreachable = static (_, node) => node == 1;
        cluster[1].Describe = () => throw new InvalidOperationException("cut off");

        while ((await client.ReadAsync(cluster.KeyOf(1))).Receipt.Nodes[0] == 1)
        {
        }
    }

    [Fact]
    public async Task What_a_node_without_a_majority_calls_unreachable_is_still_used()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        cluster.Unreachable = static (answering, node) => answering == 1 ? node != 1 : node == 1;
        await using var client = await cluster.ConnectAsync(options => options.RefreshInterval = TimeSpan.FromMilliseconds(1));
        var seen = SeeDescriptionsAsync(cluster, 9);

        do
            Assert.Equal([2], (await client.ReadAsync(cluster.KeyOf(2))).Receipt.Nodes);
        while (!seen.IsCompleted);
    }

    [Fact]
    public async Task A_newer_layout_is_followed_and_an_older_one_is_not()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        cluster.Owners = static _ => [1, 2];
        await using var client = await GossipdbClient.ConnectAsync(new GossipdbOptions
        {
            Endpoints = [cluster[1].Endpoint, cluster[2].Endpoint],
            RefreshInterval = TimeSpan.FromMilliseconds(1),
        });
        await cluster.UntilAnsweredByAsync(client, cluster[1]);

        cluster.LayoutVersion = 2;
        cluster.Owners = static _ => [2, 1];
        await cluster.UntilAnsweredByAsync(client, cluster[2]);

        cluster.LayoutVersion = 1;
        cluster.Owners = static _ => [1, 2];
        await SeeDescriptionsAsync(cluster, 6);
        Assert.Equal([2], (await client.ReadAsync("any")).Receipt.Nodes);
    }

    [Theory]
    [InlineData("{user}:cart", "user")]
    [InlineData("a{user}b{other}", "user")]
    [InlineData("{}{user}", "{}{user}")]
    [InlineData("}{user", "}{user")]
    [InlineData("plain", "plain")]
    public void Only_the_part_in_braces_is_hashed(string key, string hashed)
    {
        Assert.Equal(System.IO.Hashing.XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(hashed)),
            KeyHash.Of(System.Text.Encoding.UTF8.GetBytes(key)));
    }

    // From the specification of XXH3: every node and client, in whatever language, must compute the same.
    [Fact]
    public void The_hash_is_XXH3_with_seed_0() => Assert.Equal(0x2D06800538D394C2UL, KeyHash.Of([]));

    private static Task SeeDescriptionsAsync(FakeCluster cluster, int count)
    {
        var seen = new TaskCompletionSource();
        foreach (var node in cluster.Nodes)
        {
            var describe = node.Describe;
            node.Describe = () =>
            {
                if (Interlocked.Decrement(ref count) == 0)
                    seen.TrySetResult();
                return describe();
            };
        }

        return seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
