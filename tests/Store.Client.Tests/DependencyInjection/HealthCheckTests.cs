using Gossipdb.Client.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gossipdb.Client.Tests.DependencyInjection;

/// <summary>What a health check says of a client.</summary>
public sealed class HealthCheckTests
{
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
