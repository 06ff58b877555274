using Gossipdb.Client;
using Gossipdb.Node.Configuration;
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
    public async Task A_journal_that_is_no_database_is_refused_with_its_path()
    {
        using var directory = new TemporaryDirectory();
        var journal = Path.Combine(directory.Path, "journal.db");
        await File.WriteAllTextAsync(journal, string.Concat(Enumerable.Repeat("this is no database. ", 100)));

        var problem = await Assert.ThrowsAsync<ConfigurationProblem>(() => RunningNode.RunToEndAsync(directory.Path));

        Assert.Contains(journal, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }
}
