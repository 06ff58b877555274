using Gossipdb.Client.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gossipdb.Client.Tests.DependencyInjection;

/// <summary>What a health check says of a client.</summary>
public sealed class HealthCheckTests
{
    [Fact]
    public async Task A_node_that_is_still_being_connected_to_is_waited_for_and_not_missed()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        using var answering = new ManualResetEventSlim();
        using var asked = new CountdownEvent(2);
        foreach (var node in (FakeNode[])[cluster[2], cluster[3]])
        {
            var describe = node.Describe;
            node.Describe = () =>
            {
                if (!answering.IsSet) asked.Signal();
                answering.Wait();
                return describe();
            };
        }

        var collection = new ServiceCollection().AddLogging();
        collection.AddGossipdb(options =>
        {
            options.Endpoints = [cluster[1].Endpoint];
            options.ConnectTimeout = options.Timeout = TimeSpan.FromMinutes(1);
        });
        collection.AddHealthChecks().AddGossipdb();
        await using var services = collection.BuildServiceProvider();

        var checking = services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.True(asked.Wait(TimeSpan.FromMinutes(1)));
        answering.Set();

        var report = (await checking).Entries.Single().Value;
        Assert.Equal((HealthStatus.Healthy, "3 of 3 nodes answer."), (report.Status, report.Description));
    }

    [Fact]
    public async Task A_majority_is_healthy_a_minority_degraded_and_nobody_unhealthy()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        var collection = new ServiceCollection().AddLogging();
        collection.AddGossipdb("orders", options =>
        {
            options.Endpoints = [.. cluster.Nodes.Select(static node => node.Endpoint)];
            options.ConnectTimeout = options.Timeout = TimeSpan.FromSeconds(3);
        });
        collection.AddHealthChecks().AddGossipdb(client: "orders", tags: ["ready"]);
        await using var services = collection.BuildServiceProvider();
        var checks = services.GetRequiredService<HealthCheckService>();
        var client = services.GetRequiredKeyedService<GossipdbClient>("orders");
        await client.EnsureConnectedAsync();
        foreach (var node in cluster.Nodes) await cluster.UntilAnsweredByAsync(client, node);

        var report = (await checks.CheckHealthAsync()).Entries.Single();
        Assert.Equal(("gossipdb-orders", HealthStatus.Healthy, "ready"), (report.Key, report.Value.Status, report.Value.Tags.Single()));
        Assert.Equal((3, 3), (report.Value.Data["nodes"], report.Value.Data["answering"]));

        await cluster[3].KillAsync();
        await UntilAsync(HealthStatus.Healthy, "2 of 3 nodes answer.");
        await cluster[2].KillAsync();
        await UntilAsync(HealthStatus.Degraded, "1 of 3 nodes answer.");
        await cluster[1].KillAsync();
        await UntilAsync(HealthStatus.Unhealthy, "No node could be reached");

        async Task UntilAsync(HealthStatus status, string description)
        {
            HealthReportEntry found;
            var until = DateTime.UtcNow.AddSeconds(30);
            do
            {
                found = (await checks.CheckHealthAsync()).Entries.Single().Value;
            }
            while (!found.Description!.StartsWith(description, StringComparison.Ordinal) && DateTime.UtcNow < until);
            Assert.StartsWith(description, found.Description, StringComparison.Ordinal);
            Assert.Equal(status, found.Status);
        }
    }
}
