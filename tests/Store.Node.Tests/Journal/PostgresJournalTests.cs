using Npgsql;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>The journal's plugin on PostgreSQL: what <see cref="FastJournalTests"/> asks of it on SQLite.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresJournalTests(PostgresFixture postgres) : IDisposable
{
    private static readonly byte[] Small = [1, 2, 3];
    private static readonly byte[] Large = [.. Enumerable.Range(0, 64 * 1024).Select(static i => (byte)i)];
    private readonly TemporaryDirectory _directory = new();
    private readonly string _schema = postgres.NewSchema();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task It_writes_the_rows_that_the_package_writes_in_every_column()
    {
        using var other = new TemporaryDirectory();
        var otherSchema = postgres.NewSchema();
        var ours = await RowsOfAsync(_directory.Path, _schema, isFast: true);
        var theirs = await RowsOfAsync(other.Path, otherSchema, isFast: false);

        Assert.Equal(7, ours.Count);
        Assert.Equal(theirs.Count, ours.Count);
        foreach (var (our, their) in ours.Zip(theirs))
        {
            Assert.Equal(9, our.Count);
            Assert.Equal(their.Keys, our.Keys);
            foreach (var (column, value) in their)
            {
                if (column == "created") Assert.InRange((long)our[column]!, DateTime.UtcNow.AddMinutes(-5).Ticks, DateTime.UtcNow.Ticks);
                else if (column != "writer_uuid") Assert.Equal(value, our[column]);
            }
        }

        // One writer, of each life of a journal.
        Assert.Single(ours.Select(static row => row["writer_uuid"]).Distinct());
        Assert.True(Guid.TryParseExact((string?)ours[0]["writer_uuid"], "N", out _));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_one_class_has_written_the_other_reads_deletes_and_goes_on_with(bool isFastFirst)
    {
        await using (var first = Journal(isFastFirst))
        {
            Assert.Null(await first.WriteAsync("a", 1, Small));
            Assert.Null(await first.WriteAsync("a", 2, Large, Small, "text"));
        }

        await using (var second = Journal(!isFastFirst))
        {
            var (highest, records) = await second.ReadAsync("a");
            Assert.Equal(4, highest);
            AssertRecords(records, (1, Small), (2, Large), (3, Small), (4, "text"));
            Assert.Null(await second.WriteAsync("a", 5, Large));
            await second.DeleteAsync("a", 5);
        }

        // Where everything is deleted the number goes on.
        await using var again = Journal(isFastFirst);
        Assert.Equal(5, (await again.ReadAsync("a")).Highest);
        Assert.Empty((await again.ReadAsync("a")).Records);
        Assert.Null(await again.WriteAsync("a", 6, Small));
    }

    [SkippableFact]
    public async Task A_record_that_cannot_be_encoded_is_rejected_alone()
    {
        await using var journal = Journal();

        var rejection = await journal.WriteAsync("a", 1, Small, new Unencodable(), Small);

        Assert.Contains("no value", rejection!.GetBaseException().Message, StringComparison.Ordinal);
        AssertRecords((await journal.ReadAsync("a")).Records, (1, Small), (3, Small));
        Assert.Null(await journal.WriteAsync("a", 4, Small));
    }

    [SkippableFact]
    public async Task A_batch_that_fails_leaves_none_of_its_records_and_nothing_is_written_after_it()
    {
        await using (var journal = Journal())
        {
            Assert.Null(await journal.WriteAsync("a", 1, Small));
            postgres.Execute(_schema, "ALTER TABLE journal ADD CONSTRAINT full_up CHECK (sequence_number <> 4)");

            var failure = await journal.WriteAsync("a", 2, Small, Small, Small);

            Assert.Contains("full_up", failure!.GetBaseException().Message, StringComparison.Ordinal);
            postgres.Execute(_schema, "ALTER TABLE journal DROP CONSTRAINT full_up");
            Assert.Contains("full_up", (await journal.WriteAsync("a", 2, Small))!.GetBaseException().Message, StringComparison.Ordinal);
            Assert.Equal(1, (await journal.ReadAsync("a")).Highest);
        }

        // The next life writes where this one has ended.
        await using var next = Journal();
        Assert.Null(await next.WriteAsync("a", 2, Small, Small, Small));
        Assert.Equal(4, (await next.ReadAsync("a")).Highest);
    }

    [SkippableFact]
    public async Task A_write_waits_for_a_locked_table()
    {
        await using var journal = Journal();
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        await using (var command = postgres.Command(_schema, "BEGIN; LOCK TABLE journal IN EXCLUSIVE MODE"))
        {
            await command.ExecuteNonQueryAsync();
            journal.Tell("a", 2, Small);
            journal.Tell("a", 3, Small, Small);
            await command.Connection!.DisposeAsync();
        }

        Assert.Null(await journal.WrittenAsync(1));
        Assert.Null(await journal.WrittenAsync(2));
    }

    [SkippableFact]
    public async Task Who_asks_for_the_highest_number_is_told_of_all_that_is_being_written()
    {
        await using var journal = Journal();
        for (var number = 1; number <= 300; number++) journal.Tell("a", number, Small);

        Assert.Equal(300, (await journal.ReadAsync("a")).Highest);
    }

    [SkippableFact]
    public void A_commit_is_flushed_before_it_is_confirmed_whatever_the_server_does_for_others()
    {
        postgres.Execute(_schema, "ALTER DATABASE postgres SET synchronous_commit = off");
        try
        {
            using var database = postgres.Open(_directory.Path, _schema);
            Assert.Equal("off", postgres.Query(_schema, "SHOW synchronous_commit")[0]["synchronous_commit"]);

            using var session = Reopened(database);
            using var command = new NpgsqlCommand("SHOW synchronous_commit", session.Connection);
            Assert.Equal("on", command.ExecuteScalar());
        }
        finally
        {
            postgres.Execute(_schema, "ALTER DATABASE postgres RESET synchronous_commit");
        }
    }

    // Nobody else may hold the lock.
    private static Node.Journal.PostgresSession Reopened(Node.Journal.PostgresDatabase database)
    {
        database.Dispose();
        return database.Reopen();
    }

    private JournalPlugin Journal(bool isFast = true) => new(postgres.SettingsOf(_directory.Path, _schema), isFast);

    private async Task<List<SortedDictionary<string, object?>>> RowsOfAsync(string directory, string schema, bool isFast)
    {
        await using var journal = new JournalPlugin(postgres.SettingsOf(directory, schema), isFast);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        Assert.Null(await journal.WriteAsync("a", 2, Large, Array.Empty<byte>(), Small));
        Assert.Null(await journal.WriteAtOnceAsync("b \"quoted\" ü", 1, Small, "text"));
        Assert.Null(await journal.WriteAsync("c", 1, 17L));
        return postgres.Query(schema, "SELECT * FROM journal ORDER BY ordering");
    }

    private static void AssertRecords(
        List<(long Number, string Payload)> actual, params ReadOnlySpan<(long Number, object Payload)> expected)
    {
        var texts = new List<(long, string)>();
        foreach (var (number, payload) in expected) texts.Add((number, JournalPlugin.TextOf(payload)));
        Assert.Equal(texts, actual);
    }

    private sealed class Unencodable
    {
        public int Value => throw new InvalidOperationException("no value");
    }
}
