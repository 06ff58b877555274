using Gossipdb.Client;
using Grpc.Health.V1;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class JournalFailureTests
{
    [Fact]
    public async Task A_node_whose_journal_fails_refuses_writes_says_why_and_goes_on_reading()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.journal.busy-timeout = 1s");
        var client = await node.ClientAsync();
        await client.Counter("k").IncrementAsync();

        await using (node.LockJournal())
        {
            // Applied, but never durable.
            await Assert.ThrowsAsync<IndeterminateException>(() =>
                client.Counter("k").IncrementAsync(1, Write.One with { Timeout = TimeSpan.FromSeconds(1) }));
            await Poll.UntilAsync(async () => (await node.HealthAsync("ready")).Status == 503, "the journal has failed");
        }

        // The lock is gone: a journal that failed has failed for good.
        var refused = await Assert.ThrowsAsync<RefusingWritesException>(() => client.Counter("k").IncrementAsync());
        Assert.Contains("journal", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RefusingWritesException>(() => client.DeleteAsync("k"));
        Assert.InRange(await client.Counter("k").GetAsync(), 1, 2);
        var (_, text) = await node.HealthAsync("ready");
        Assert.StartsWith("the journal failed, writes are refused: ", text, StringComparison.Ordinal);
        Assert.Equal(200, (await node.HealthAsync("live")).Status);
        var health = await new Health.HealthClient(node.Channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, health.Status);
        var status = await node.Admin.StatusAsync();
        Assert.Equal((false, true), (status.Ready, status.RefusingWrites));
        Assert.Contains("the journal failed", status.Trouble, StringComparison.Ordinal);

        // What was acked before is there when the node is started again, and it writes again.
        Assert.Equal(0, await node.StopAsync());
        await using var again = await RunningNode.StartAsync(directory.Path);
        var reconnected = await again.ClientAsync();
        Assert.InRange(await reconnected.Counter("k").GetAsync(), 1, 2);
        await reconnected.Counter("k").IncrementAsync();
    }

    [Fact]
    public async Task A_damaged_journal_ends_the_node_with_an_error()
    {
        using var directory = new TemporaryDirectory();
        string journal;
        await using (var node = await RunningNode.StartAsync(directory.Path))
        {
            await (await node.ClientAsync()).Counter("k").IncrementAsync();
            journal = node.Journal;
        }

        await using (var connection = new SqliteConnection($"Data Source={journal};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE journal SET message = x'FF00'";
            Assert.True(command.ExecuteNonQuery() > 0);
        }

        Assert.Equal(1, await RunningNode.RunToEndAsync(directory.Path));
    }

    [Fact]
    public async Task A_journal_that_is_no_database_is_moved_aside_and_nothing_is_served_before_the_loss_is_accepted()
    {
        using var directory = new TemporaryDirectory();
        var journal = Path.Combine(directory.Path, "journal.db");
        var nonsense = string.Concat(Enumerable.Repeat("this is no database. ", 100));
        await File.WriteAllTextAsync(journal, nonsense);

        await using var node = await RunningNode.StartAsync(directory.Path, until: "live");
        await Poll.UntilAsync(
            async () => (await node.HealthAsync("ready")).Text.Contains("damaged", StringComparison.Ordinal),
            "the node says that it is damaged");
        var aside = Assert.Single(Directory.GetFiles(directory.Path, "journal.db.damaged-*"));
        Assert.Equal(nonsense, await File.ReadAllTextAsync(aside));
        Assert.Contains($"the journal {journal} is damaged", node.ReadLog(), StringComparison.Ordinal);

        await Poll.UntilAsync(
            async () =>
            {
                await node.Admin.RepairAsync(acceptLoss: true);
                return (await node.HealthAsync("ready")).Status == 200;
            },
            "the loss is accepted");
        await (await node.ClientAsync()).Counter("k").IncrementAsync();
    }
}
