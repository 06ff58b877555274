using Akka.Configuration;
using Akka.Persistence.Journal;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal.Types;
using Gossipdb.Node.Journal;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Tests.Journal;

public sealed class FastJournalTests : IDisposable
{
    private static readonly byte[] Small = [1, 2, 3];
    private static readonly byte[] Large = [.. Enumerable.Range(0, 64 * 1024).Select(static i => (byte)i)];
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_writes_the_rows_that_the_package_writes_in_every_column()
    {
        using var other = new TemporaryDirectory();
        var before = DateTime.UtcNow.Ticks;
        var ours = await RowsOfAsync(_directory.Path, isFast: true);
        var theirs = await RowsOfAsync(other.Path, isFast: false);
        var after = DateTime.UtcNow.Ticks;

        Assert.Equal(10, ours.Count);
        foreach (var (our, their) in ours.Zip(theirs))
        {
            Assert.Equal(their.Keys, our.Keys);
            Assert.Equal(9, our.Count);
            foreach (var (column, value) in their)
            {
                switch (column)
                {
                    case "created":
                        Assert.InRange(Assert.IsType<long>(our[column]), before, after);
                        Assert.InRange(Assert.IsType<long>(value), before, after);
                        break;
                    case "writer_uuid":
                        // One of each life of a journal; what has tags the package writes.
                        if (our["persistence_id"] is not ("c" or "d")) Assert.Equal(ours[0][column], our[column]);
                        Assert.True(Guid.TryParseExact(Assert.IsType<string>(our[column]), "N", out _));
                        Assert.True(Guid.TryParseExact(Assert.IsType<string>(value), "N", out _));
                        break;
                    default:
                        Assert.Equal(value, our[column]);
                        break;
                }
            }
        }

        Assert.Equal(theirs.Count, ours.Count);
        Assert.Equal(2, Query(_directory.Path, "SELECT * FROM tags").Count);
        Assert.Equal(Query(other.Path, "SELECT * FROM tags"), Query(_directory.Path, "SELECT * FROM tags"));
        Assert.Equal(Query(other.Path, "SELECT sql FROM sqlite_master"), Query(_directory.Path, "SELECT sql FROM sqlite_master"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_one_class_has_written_the_other_reads_deletes_and_goes_on_with(bool isFastFirst)
    {
        await using (var first = new JournalPlugin(SettingsIn(_directory.Path), isFastFirst))
        {
            Assert.Null(await first.WriteAsync("a", 1, Small));
            Assert.Null(await first.WriteAsync("a", 2, Large, Small, "text"));
        }

        await using (var second = new JournalPlugin(SettingsIn(_directory.Path), !isFastFirst))
        {
            var (highest, records) = await second.ReadAsync("a");
            Assert.Equal(4, highest);
            AssertRecords(records, (1, Small), (2, Large), (3, Small), (4, "text"));
            Assert.Null(await second.WriteAsync("a", 5, Large));
            await second.DeleteAsync("a", 4);
        }

        await using (var first = new JournalPlugin(SettingsIn(_directory.Path), isFastFirst))
        {
            var (highest, records) = await first.ReadAsync("a");
            Assert.Equal(5, highest);
            AssertRecords(records, (5, Large));
            Assert.Null(await first.WriteAsync("a", 6, Small, Small));
            await first.DeleteAsync("a", 7);
        }

        // Where everything is deleted the number goes on.
        await using (var second = new JournalPlugin(SettingsIn(_directory.Path), !isFastFirst))
        {
            var (highest, records) = await second.ReadAsync("a");
            Assert.Equal(7, highest);
            Assert.Empty(records);
            Assert.Null(await second.WriteAsync("a", 8, Small));
        }

        var orderings = Query(_directory.Path, "SELECT ordering FROM journal").ConvertAll(static row => (long)row["ordering"]!);
        Assert.Equal([7, 8], orderings);
    }

    [Fact]
    public async Task A_file_that_the_package_made_is_read_and_written_and_loses_the_indexes_that_nobody_needs()
    {
        using (var connection = new SqliteConnection($"Data Source={PathIn(_directory.Path)};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE journal (ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, deleted Bit NOT NULL,
                  persistence_id NVarChar(255) NOT NULL, sequence_number INTEGER NOT NULL, message VarBinary NOT NULL,
                  manifest NVarChar(500) NULL, identifier INTEGER NULL, writer_uuid NVarChar(128) NULL);
                CREATE UNIQUE INDEX journal_uq ON journal (persistence_id, sequence_number);
                CREATE INDEX journal_created_idx ON journal (created);
                CREATE INDEX journal_sequence_number_idx ON journal (sequence_number);
                INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
                  VALUES (1, 0, 'a', 1, x'01', '', 4);
                """;
            command.ExecuteNonQuery();
        }

        await using (var journal = new JournalPlugin(SettingsIn(_directory.Path), isFast: true))
        {
            Assert.Null(await journal.WriteAsync("a", 2, Small));
            var (highest, records) = await journal.ReadAsync("a");
            Assert.Equal(2, highest);
            AssertRecords(records, (1, new byte[] { 1 }), (2, Small));
        }

        Assert.Equal(["journal_uq"], Indexes(_directory.Path));
        using var other = new TemporaryDirectory();
        await using (var journal = new JournalPlugin(SettingsIn(other.Path), isFast: true))
            Assert.Null(await journal.WriteAsync("a", 1, Small));
        Assert.Equal(["journal_uq"], Indexes(other.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_that_cannot_be_encoded_is_rejected_alone(bool isFast)
    {
        await using var journal = new JournalPlugin(SettingsIn(_directory.Path), isFast);

        var rejection = await journal.WriteAsync("a", 1, Small, new Unencodable(), Small);

        Assert.Contains("no value", rejection!.GetBaseException().Message, StringComparison.Ordinal);
        AssertRecords((await journal.ReadAsync("a")).Records, (1, Small), (3, Small));
        Assert.Null(await journal.WriteAsync("a", 4, Small));
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_none_of_its_records_and_nothing_is_written_after_it()
    {
        await using var journal = new JournalPlugin(SettingsIn(_directory.Path), isFast: true);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        Execute("CREATE TRIGGER full BEFORE INSERT ON journal WHEN new.sequence_number = 4 BEGIN SELECT RAISE(FAIL, 'no room'); END");

        var failure = await journal.WriteAsync("a", 2, Small, Small, Small);

        Assert.Contains("no room", failure!.GetBaseException().Message, StringComparison.Ordinal);
        Execute("DROP TRIGGER full");
        Assert.Contains("no room", (await journal.WriteAsync("a", 2, Small))!.GetBaseException().Message, StringComparison.Ordinal);
        var (highest, records) = await journal.ReadAsync("a");
        Assert.Equal(1, highest);
        AssertRecords(records, (1, Small));

        // The next life writes where this one has ended.
        await using var next = new JournalPlugin(SettingsIn(_directory.Path), isFast: true);
        Assert.Null(await next.WriteAsync("a", 2, Small, Small, Small));
        Assert.Equal(4, (await next.ReadAsync("a")).Highest);
    }

    [Fact]
    public async Task A_write_waits_for_a_locked_file()
    {
        await using var journal = new JournalPlugin(SettingsIn(_directory.Path), isFast: true);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        await using (LockFile())
        {
            journal.Tell("a", 2, Small);
            journal.Tell("a", 3, Small, Small);
        }

        Assert.Null(await journal.WrittenAsync(1));
        Assert.Null(await journal.WrittenAsync(2));
    }

    [Fact]
    public async Task A_file_that_stays_locked_fails_all_that_waits()
    {
        await using var journal = new JournalPlugin(SettingsIn(_directory.Path) + "\ngossipdb.journal.busy-timeout = 1s", isFast: true);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        await using (LockFile())
        {
            journal.Tell("a", 2, Small);
            journal.Tell("b", 1, Small);
            var first = Assert.IsType<SqliteException>((await journal.WrittenAsync(1))!.GetBaseException());
            Assert.Equal(5, first.SqliteErrorCode);
            Assert.Same(first, (await journal.WrittenAsync(1))!.GetBaseException());
        }

        Assert.NotNull(await journal.WriteAsync("b", 1, Small));
        Assert.Equal(1, (await journal.ReadAsync("a")).Highest);
        Assert.Equal(0, (await journal.ReadAsync("b")).Highest);
    }

    [Fact]
    public async Task Who_asks_for_the_highest_number_is_told_of_all_that_is_being_written()
    {
        await using var journal = new JournalPlugin(SettingsIn(_directory.Path), isFast: true);
        for (var number = 1; number <= 300; number++) journal.Tell("a", number, Small);

        Assert.Equal(300, (await journal.ReadAsync("a")).Highest);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_any_more_is_an_error_of_SQLite()
    {
        await using (var journal = new JournalPlugin(SettingsIn(_directory.Path), isFast: true))
            Assert.Null(await journal.WriteAsync("a", 1, Small));

        using var database = new SqliteDatabase(TestSettings.Parse(SettingsIn(_directory.Path)));
        using var readOnly = new SqliteRowWriter(ConfigurationOf(";Mode=ReadOnly"), database);
        Assert.Equal(8, Assert.Throws<SqliteException>(() => readOnly.Write([Row(2)])).SqliteErrorCode);
        Assert.Equal(8, Assert.Throws<SqliteException>(() => readOnly.Write([Row(2), Row(3)])).SqliteErrorCode);

        // A number that was written already.
        using var twice = new SqliteRowWriter(ConfigurationOf(), database);
        Assert.Equal(19, Assert.Throws<SqliteException>(() => twice.Write([Row(2), Row(1)])).SqliteErrorCode);
        twice.Dispose();
        Assert.ThrowsAny<Exception>(() => twice.Write([Row(2)]));
        Assert.Single(Query(_directory.Path, "SELECT * FROM journal"));

        File.Delete(PathIn(_directory.Path));
        Assert.Throws<SqliteException>(() => new SqliteRowWriter(ConfigurationOf(), database));
    }

    [Fact]
    public void A_commit_is_flushed_to_the_disk_before_it_is_confirmed()
    {
        using var database = new SqliteDatabase(TestSettings.Parse(SettingsIn(_directory.Path)));
        database.Prepare(Serilog.Core.Logger.None);
        using var connection = database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT synchronous || ' ' || journal_mode FROM pragma_synchronous, pragma_journal_mode";

        // 2 is FULL.
        Assert.Equal("2 wal", command.ExecuteScalar());
    }

    [Theory]
    [InlineData("", "Gossipdb.Node.Journal.FastJournal, gossipdb")]
    [InlineData("provider-name = \"SQLite.MS\"", "Gossipdb.Node.Journal.FastJournal, gossipdb")]
    [InlineData("provider-name = \"SQLite\"", "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql")]
    [InlineData("provider-name = \"PostgreSQL.15\"", "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql")]
    public void It_is_chosen_for_the_provider_it_is_made_for(string own, string expected)
    {
        var settings = TestSettings.Parse(own.Length == 0 ? own : "akka.persistence.journal.sql." + own);

        var sql = ConfigurationFactory.ParseString(JournalDatabase.Of(settings).AkkaConfiguration())
            .GetConfig("akka.persistence.journal.sql");

        Assert.Equal(expected, sql.GetString("class"));
        Assert.True(new JournalConfig(sql.WithFallback(SqlPersistence.DefaultJournalConfiguration))
            .DaoConfig.PreferParametersOnMultiRowInsert);
    }

    private static List<string> Indexes(string directory) =>
        Query(directory, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'journal'")
            .ConvertAll(static row => (string)row["name"]!);

    private static void AssertRecords(
        List<(long Number, string Payload)> actual, params ReadOnlySpan<(long Number, object Payload)> expected)
    {
        var texts = new List<(long, string)>();
        foreach (var (number, payload) in expected) texts.Add((number, JournalPlugin.TextOf(payload)));
        Assert.Equal(texts, actual);
    }

    private static async Task<List<SortedDictionary<string, object?>>> RowsOfAsync(string directory, bool isFast)
    {
        await using var journal = new JournalPlugin(SettingsIn(directory), isFast);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        Assert.Null(await journal.WriteAsync("a", 2, Large, Array.Empty<byte>(), Small));
        Assert.Null(await journal.WriteAtOnceAsync("b \"quoted\" ü", 1, Small, "text"));
        Assert.Null(await journal.WriteAsync("c", 1, new Tagged(Small, ["tag"])));
        Assert.Null(await journal.WriteAsync("c", 2, Small, 17L));
        await journal.DeleteAsync("c", 3);
        Assert.Null(await journal.WriteAsync("d", 1, new Tagged(Small, ["tag", "other"]), Small));
        Assert.Null(await journal.WriteAsync("a", 5, Small));
        return Query(directory, "SELECT * FROM journal ORDER BY ordering");
    }

    private static List<SortedDictionary<string, object?>> Query(string directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathIn(directory)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<SortedDictionary<string, object?>>();
        while (reader.Read())
        {
            var row = new SortedDictionary<string, object?>(StringComparer.Ordinal);
            for (var i = 0; i < reader.FieldCount; i++) row[reader.GetName(i)] = reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }

    private static string PathIn(string directory) => SqliteDatabase.PathIn(directory);

    private static string SettingsIn(string directory) =>
        $"gossipdb.node.data-dir = \"{directory}\"\ngossipdb.journal.busy-timeout = 30s";

    private static JournalRow Row(long number) => new()
    {
        PersistenceId = "a",
        SequenceNumber = number,
        Timestamp = 1,
        Message = Small,
        Identifier = 4,
        Manifest = string.Empty,
    };

    private JournalConfig ConfigurationOf(string more = "") => new(ConfigurationFactory.ParseString($"""
        connection-string = "Data Source={PathIn(_directory.Path)}{more}"
        provider-name = "SQLite.MS"
        """).WithFallback(SqlPersistence.DefaultJournalConfiguration));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathIn(_directory.Path)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class Unencodable
    {
        public int Value => throw new InvalidOperationException("no value");
    }

    // Keeps everybody else from writing until it is disposed.
    private SqliteConnection LockFile()
    {
        var connection = new SqliteConnection($"Data Source={PathIn(_directory.Path)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        return connection;
    }
}
