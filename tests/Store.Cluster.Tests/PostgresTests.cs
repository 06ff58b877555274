using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>A cluster whose nodes keep their journals on one PostgreSQL server, each in a schema of its own.</summary>
[Collection(RealProcesses.Name)]
public sealed class PostgresTests
{
    private static readonly Write Patient = Write.Quorum with { Timeout = TimeSpan.FromSeconds(60) };

    [SkippableFact]
    public async Task What_was_acked_survives_kills_and_a_server_that_is_stopped_under_load_and_started_again()
    {
        Skip.If(PostgresServer.Find() is null, PostgresServer.Missing);
        await using var server = await PostgresServer.StartAsync(PostgresServer.Find()!);
        await using var cluster = await TestCluster.StartAsync(3, server.Settings);
        long acked = 0, unsure = 0;
        using var stop = new CancellationTokenSource();
        var client = await cluster.ConnectAsync();
        var writers = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await client.Counter("count").IncrementAsync(1, Patient);
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
        await GoesOnAsync(200);

        // A node, then the server that all of them need, as by a crash.
        await cluster.Local.KillAsync(1);
        await GoesOnAsync(200);
        await cluster.Local.RestartAsync(1);
        await server.StopAsync();
        await cluster.UntilAsync("a node says so", async () => (await AllAsync())
            .Any(static status => status.Trouble.StartsWith("the journal waits", StringComparison.Ordinal)));
        await server.ResumeAsync();
        await GoesOnAsync(200);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.DoesNotContain(await AllAsync(), static status => status.RefusingWrites);
        await client.DisposeAsync();

        // All of them at once: what is there afterwards, the server had.
        for (var node = 1; node <= 3; node++) await cluster.Local.KillAsync(node);
        await Task.WhenAll(Enumerable.Range(1, 3).Select(node => cluster.Local.RestartAsync(node)));
        await cluster.UntilConvergedAsync();
        await using var after = await cluster.ConnectAsync();
        Assert.InRange(await after.Counter("count").GetAsync(Read.All), acked, acked + unsure);
        return;

        Task<NodeStatus[]> AllAsync() => Task.WhenAll(Enumerable.Range(1, 3).Select(node => cluster.StatusAsync(node)));

        Task GoesOnAsync(int increments)
        {
            var before = Interlocked.Read(ref acked);
            return cluster.UntilAsync("increments go on", () => Task.FromResult(Interlocked.Read(ref acked) > before + increments));
        }
    }
}
