using Gossipdb.Client;
using Gossipdb.Node.Tests.Journal;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A whole node with its journal on a PostgreSQL server.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresNodeTests(PostgresFixture postgres)
{
    [SkippableFact]
    public async Task A_node_goes_on_where_its_server_was_stopped_and_names_it_and_tells_no_password()
    {
        using var directory = new TemporaryDirectory();
        var server = postgres.Server;
        string[] settings =
        [
            "gossipdb.journal.provider = postgres",
            $"gossipdb.journal.connection-string = \"{server.ConnectionString};Password={PostgresServer.Password}\"",
            $"gossipdb.journal.schema = \"{postgres.NewSchema()}\"",
        ];
        var more = string.Join('\n', settings);
        await using (var node = await RunningNode.StartAsync(directory.Path, more))
        {
            var client = await node.ClientAsync();
            await client.Counter("k").IncrementAsync();
            await server.StopAsync();

            // Applied, not durable; and one that waits for no journal.
            var durable = client.Counter("k").IncrementAsync(1, Write.One with { Timeout = TimeSpan.FromMinutes(2) });
            await client.Counter("m").IncrementAsync(1, Write.One with { Durability = Durability.Memory });
            const string Waits = "the journal waits";
            await Poll.UntilAsync(
                async () => (await node.Admin.StatusAsync()).Trouble.StartsWith(Waits, StringComparison.Ordinal),
                TimeSpan.FromSeconds(60),
                "the node says so");
            var status = await node.Admin.StatusAsync();
            Assert.False(status.RefusingWrites);
            Assert.StartsWith($"postgres 127.0.0.1:{server.Port}/postgres, schema test_", status.Journal.Path, StringComparison.Ordinal);
            Assert.DoesNotContain(PostgresServer.Password, status.Journal.Path + status.Trouble, StringComparison.Ordinal);
            Assert.False(durable.IsCompleted);

            await server.ResumeAsync();
            Assert.Equal([1], (await durable).Nodes);
            await client.Counter("k").IncrementAsync();
            await Poll.UntilAsync(
                async () => (await node.Admin.StatusAsync()).Trouble.Length == 0, TimeSpan.FromSeconds(60), "all is well again");
        }

        await using (var again = await RunningNode.StartAsync(directory.Path, more))
        {
            var client = await again.ClientAsync();
            Assert.Equal(3, await client.Counter("k").GetAsync());
            Assert.Equal(1, await client.Counter("m").GetAsync());
        }

        foreach (var log in Directory.EnumerateFiles(Path.Combine(directory.Path, "log")))
            Assert.DoesNotContain(PostgresServer.Password, await File.ReadAllTextAsync(log), StringComparison.Ordinal);
    }
}
