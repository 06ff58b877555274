using Gossipdb.Client;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class JournalRoomTests
{
    [Fact]
    public async Task A_node_says_what_its_journal_takes_and_what_is_free_in_it_is_given_back_once_it_is_down()
    {
        using var directory = new TemporaryDirectory();
        string journal;
        await using (var node = await RunningNode.StartAsync(directory.Path))
        {
            await (await node.ClientAsync()).Register("k").SetAsync("v", Write.One);
            journal = node.Journal;
            var report = await node.Admin.JournalAsync();
            Assert.Equal(journal, report.Status.Path);
            Assert.InRange(report.FirstRecord, 1, report.LastRecord);
            Assert.InRange(report.Status.Bytes, 1, report.DiskBytes);
            Assert.InRange(report.LiveBytes, 1, report.LimitBytes);
            Assert.NotNull(report.FreeBytes);
            Assert.InRange(report.Oldest[0].NeededFrom, report.FirstRecord, report.LastRecord);
            Assert.Equal(report.Status.Bytes, report.Oldest[0].Bytes);

            var refused = Assert.Throws<ConfigurationProblem>(() => JournalCompaction.Run(node.Directory));
            Assert.Contains("another node may be using it", refused.Message, StringComparison.Ordinal);
            Assert.Equal(0, await node.StopAsync());
        }

        await using (var connection = new SqliteConnection($"Data Source={journal};Pooling=False"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE large (bytes BLOB); INSERT INTO large VALUES (zeroblob(2000000)); DROP TABLE large";
            command.ExecuteNonQuery();
        }

        var (before, after) = JournalCompaction.Run(Path.GetDirectoryName(journal)!);
        Assert.InRange(after, 1, before - 2_000_000);
        await using var again = await RunningNode.StartAsync(directory.Path);
        Assert.Equal("v", await (await again.ClientAsync()).Register("k").GetAsync());
    }

    [Fact]
    public void A_directory_without_a_journal_is_named()
    {
        using var directory = new TemporaryDirectory();
        var refused = Assert.Throws<ConfigurationProblem>(() => JournalCompaction.Run(directory.Path));
        Assert.Contains("has no journal", refused.Message, StringComparison.Ordinal);
    }
}
