using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(SharedCluster.Name)]
public sealed class LoadTests(SharedCluster shared)
{
    private static readonly Write Patient = Write.Quorum with { Timeout = TimeSpan.FromSeconds(30) };

    [SkippableFact]
    public async Task A_load_with_a_node_killed_and_restarted_halfway_is_exact()
    {
        var routes = Routes.LoadOrSkip("restarts/");
        var cluster = await shared.WholeAsync();
        await using (var client = await cluster.ConnectAsync())
        {
            await routes.LoadAsync(client, Patient, 0, routes.Count, onRows: async _ =>
            {
                await cluster.Local.KillAsync(2);
                await cluster.Local.RestartAsync(2);
            });
        }

        await cluster.UntilConvergedAsync();
        foreach (var node in cluster.Local.Nodes)
        {
            await using var client = await cluster.ConnectOnlyAsync(node.Id);
            await routes.AssertExactAsync(client, Read.Quorum);
            await routes.AssertExactAsync(client, Read.One);
        }
    }

    [SkippableFact]
    public async Task A_load_through_a_cut_written_on_both_sides_is_exact()
    {
        var routes = Routes.LoadOrSkip("sides/");
        var cluster = await shared.WholeAsync();
        var half = routes.Count / 2;
        await using (var client = await cluster.ConnectAsync()) await routes.LoadAsync(client, Write.Quorum, 0, half);

        await cluster.CutAsync([1], [2, 3]);
        await using (var small = await cluster.ConnectOnlyAsync(1))
        await using (var large = await cluster.ConnectOnlyAsync(2, 3))
        {
            await Task.WhenAll(
                routes.LoadAsync(small, Write.One, half, routes.Count - half, step: 2),
                routes.LoadAsync(large, Write.One, half + 1, routes.Count - half - 1, step: 2));
        }

        await cluster.HealAsync();
        await cluster.UntilConvergedAsync();
        foreach (var node in cluster.Local.Nodes)
        {
            await using var client = await cluster.ConnectOnlyAsync(node.Id);
            await routes.AssertExactAsync(client, Read.Quorum);
        }
    }

    [Fact]
    public async Task Increments_through_one_death_after_another_count_once_each()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectAsync();
        long acked = 0, unsure = 0;
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 16).Select(async writer =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await client.Counter($"storm:{writer % 4}").IncrementAsync(1, Patient);
                    Interlocked.Increment(ref acked);
                }
                catch (IndeterminateException)
                {
                    Interlocked.Increment(ref unsure);
                }
                catch (UnavailableException)
                {
                    // Applied nowhere.
                }
            }
        }).ToList();

        for (var node = 1; node <= 3; node++)
        {
            var before = Interlocked.Read(ref acked);
            await cluster.UntilAsync("increments go on", () => Task.FromResult(Interlocked.Read(ref acked) > before + 200));
            await cluster.Local.KillAsync(node);
            before = Interlocked.Read(ref acked);
            await cluster.UntilAsync(
                "increments go on without the node", () => Task.FromResult(Interlocked.Read(ref acked) > before + 200));
            await cluster.Local.RestartAsync(node);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await cluster.UntilConvergedAsync();
        long sum = 0;
        for (var counter = 0; counter < 4; counter++) sum += await client.Counter($"storm:{counter}").GetAsync(Read.All);
        Assert.InRange(sum, acked, acked + unsure);
        Assert.True(unsure < acked / 10, $"{unsure} increments ended indeterminate, {acked} were acked");
    }
}
