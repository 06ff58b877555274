using Gossipdb.Client.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Gossipdb.Client.Tests.DependencyInjection;

public class DependencyInjectionTests
{
    [Fact]
    public async Task The_registered_client_is_shared_and_connects_when_it_is_first_used()
    {
        var node = new FakeNode(1);
        await node.StartAsync();
        await node.KillAsync();
        await using var services = new ServiceCollection().AddGossipdb(node.Endpoint).BuildServiceProvider();
        var client = services.GetRequiredService<GossipdbClient>();
        Assert.Same(client, services.GetRequiredService<GossipdbClient>());

        // Only now is there a node to connect to.
        node.Describe = () => new()
        {
            Node = 1,
            Partitions = 1,
            Replication = 1,
            Owners = { new Protocol.PreferenceList { Nodes = { 1 } } },
        };
        await node.StartAsync();
        await using (node)
        {
            await client.Counter("k").IncrementAsync(4);
            Assert.Equal(4, await client.Counter("k").GetAsync());
        }
    }

    [Fact]
    public async Task The_application_sets_the_options()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        using var services = new ServiceCollection()
            .AddGossipdb(options =>
            {
                options.Endpoints = [cluster[1].Endpoint];
                options.DefaultRead = Read.One;
            })
            .BuildServiceProvider();

        await services.GetRequiredService<GossipdbClient>().GetAsync("k");

        Assert.Equal(Protocol.Level.Types.Named.One, cluster[1].Requests.Single().Level.Named);
    }

    [Fact]
    public void A_client_that_was_never_used_is_disposed_without_waiting()
    {
        using var services = new ServiceCollection().AddGossipdb("127.0.0.1:1").BuildServiceProvider();
        services.GetRequiredService<GossipdbClient>();
    }
}
