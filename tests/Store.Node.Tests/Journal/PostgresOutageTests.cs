namespace Gossipdb.Node.Tests.Journal;

/// <summary>A PostgreSQL server that goes and comes back, or comes back as another one.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresOutageTests(PostgresFixture postgres) : IDisposable
{
    private static readonly byte[] Small = [1, 2, 3];
    private readonly TemporaryDirectory _directory = new();
    private readonly string _schema = postgres.NewSchema();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task A_server_that_is_stopped_and_started_loses_nothing_that_was_confirmed_and_nothing_is_written_twice()
    {
        var server = postgres.Server;
        await using var journal = new JournalPlugin(postgres.SettingsOf(_directory.Path, _schema), isFast: true);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        for (var number = 2; number <= 500; number++) journal.Tell("a", number, Small);
        var stopping = server.StopAsync();
        for (var number = 501; number <= 600; number++) journal.Tell("a", number, Small);
        await stopping;
        await server.ResumeAsync();

        for (var number = 2; number <= 600; number++) Assert.Null(await journal.WrittenAsync(1));
        var (highest, records) = await journal.ReadAsync("a");
        Assert.Equal(600, highest);
        Assert.Equal(Enumerable.Range(1, 600).Select(static number => (long)number), records.Select(static record => record.Number));
    }

    [SkippableTheory]
    [InlineData(nameof(BrokenWire.Loss.Question))]
    [InlineData(nameof(BrokenWire.Loss.Answer))]
    public async Task A_commit_of_which_nobody_knows_is_read_back_before_anything_goes_on(string lost)
    {
        await using var wire = new BrokenWire(postgres.Server.Port);
        await using var journal = JournalOver(wire);
        Assert.Null(await journal.WriteAsync("a", 1, Small));

        wire.Lose(Enum.Parse<BrokenWire.Loss>(lost));
        journal.Tell("a", 2, Small, Small);
        journal.Tell("a", 4, Small);
        await wire.BrokenAsync();
        var wasMade = Count() == 3;
        wire.Mend();

        Assert.Null(await journal.WrittenAsync(2));
        Assert.Null(await journal.WrittenAsync(1));
        Assert.Equal(lost == nameof(BrokenWire.Loss.Answer), wasMade);
        Assert.Equal(4, Count());
        Assert.Equal(4, (await journal.ReadAsync("a")).Highest);
    }

    [SkippableTheory]
    [InlineData("DELETE FROM journal WHERE sequence_number = 2", "ends at record 1 with 0 of this writer from 3 to 3")]
    [InlineData(
        "INSERT INTO journal (created, deleted, persistence_id, sequence_number, message) VALUES (1, false, 'a', 3, '')",
        "ends at record 3 with 0 of this writer from 3 to 3")]
    public async Task A_server_that_comes_back_with_another_journal_is_written_no_more(string change, string expected)
    {
        await using var wire = new BrokenWire(postgres.Server.Port);
        await using var journal = JournalOver(wire);
        Assert.Null(await journal.WriteAsync("a", 1, Small, Small));
        wire.Lose(BrokenWire.Loss.Question);
        journal.Tell("a", 3, Small);
        await wire.BrokenAsync();
        postgres.Execute(_schema, change);
        wire.Mend();

        Assert.Contains(expected, (await journal.WrittenAsync(1))!.GetBaseException().Message, StringComparison.Ordinal);
        Assert.NotNull(await journal.WriteAsync("a", 3, Small));
    }

    [SkippableFact]
    public async Task A_server_that_another_node_has_taken_meanwhile_is_written_no_more()
    {
        await using var wire = new BrokenWire(postgres.Server.Port);
        await using var journal = JournalOver(wire);
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        wire.Lose(BrokenWire.Loss.Question);
        journal.Tell("a", 2, Small);
        await wire.BrokenAsync();
        using var other = postgres.Open(_directory.Path, _schema);
        wire.Mend();

        var failure = await journal.WrittenAsync(1);
        Assert.Contains("is in use by gossipdb node 1", failure!.GetBaseException().Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_stays_away_fails_all_that_waits()
    {
        await using var wire = new BrokenWire(postgres.Server.Port);
        await using var journal = JournalOver(wire, "gossipdb.journal.server-patience = 300ms");
        Assert.Null(await journal.WriteAsync("a", 1, Small));
        wire.Lose(BrokenWire.Loss.Question);
        journal.Tell("a", 2, Small);
        journal.Tell("b", 1, Small);

        var failure = await journal.WrittenAsync(1);
        Assert.Contains("gossipdb.journal.server-patience", failure!.ToString(), StringComparison.Ordinal);
        Assert.NotNull(await journal.WrittenAsync(1));
        wire.Mend();
        Assert.Equal(1, Count());
    }

    private long Count() => (long)postgres.Query(_schema, "SELECT count(*) AS n FROM journal")[0]["n"]!;

    private JournalPlugin JournalOver(BrokenWire wire, params string[] more) => new(
        postgres.SettingsOf(_directory.Path, _schema, more)
            .Replace($"Port={postgres.Server.Port}", $"Port={wire.Port};SSL Mode=Disable", StringComparison.Ordinal),
        isFast: true);
}
