using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>Which journal a node takes, and which it refuses.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresDatabaseTests(PostgresFixture postgres) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _schema = postgres.NewSchema();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void A_schema_that_another_running_node_holds_is_refused_by_name()
    {
        using var other = new TemporaryDirectory();
        using (postgres.Open(_directory.Path, _schema))
        {
            var problem = postgres.ProblemOf(other.Path, _schema);
            Assert.Contains(_schema.Replace("{id}", "1", StringComparison.Ordinal), problem, StringComparison.Ordinal);
            Assert.Contains($"process {Environment.ProcessId}", problem, StringComparison.Ordinal);
        }

        // It holds no longer than it runs.
        using var again = postgres.Open(_directory.Path, _schema);
    }

    [SkippableFact]
    public async Task A_data_directory_and_a_journal_that_are_not_of_each_other_are_refused()
    {
        using var other = new TemporaryDirectory();
        await using (var journal = new JournalPlugin(postgres.SettingsOf(_directory.Path, _schema), isFast: true))
            Assert.Null(await journal.WriteAsync("a", 1, "text"));
        var id = (await File.ReadAllTextAsync(Path.Combine(_directory.Path, "journal.id"))).Trim();

        // A new directory, and the journal of another; it can be taken by hand.
        Assert.Contains($"write {id} into {other.Path}/journal.id", postgres.ProblemOf(other.Path, _schema), StringComparison.Ordinal);

        // The directory of another journal; and a journal that is gone.
        var elsewhere = postgres.NewSchema();
        Assert.Contains($"belongs to the journal {id}", postgres.ProblemOf(_directory.Path, elsewhere), StringComparison.Ordinal);
        postgres.Open(other.Path, elsewhere).Dispose();
        Assert.Contains($"belongs to the journal {id}", postgres.ProblemOf(_directory.Path, elsewhere), StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(other.Path, "journal.id"), id);
        postgres.Open(other.Path, _schema).Dispose();
    }

    [SkippableFact]
    public void A_node_does_not_move_its_journal_from_one_provider_to_the_other()
    {
        var inFile = $"gossipdb.node.data-dir = \"{_directory.Path}\"";
        postgres.Open(_directory.Path, _schema).Dispose();
        Assert.Contains("journal in PostgreSQL", Problem(inFile), StringComparison.Ordinal);

        using var other = new TemporaryDirectory();
        using (var sqlite = JournalDatabase.Of(TestSettings.Parse($"gossipdb.node.data-dir = \"{other.Path}\"")))
            sqlite.Prepare(Serilog.Core.Logger.None);
        Assert.Contains("a journal in SQLite", postgres.ProblemOf(other.Path, postgres.NewSchema()), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_newer_format_is_refused_by_name_and_a_journal_of_before_formats_is_said_to_be_upgraded()
    {
        postgres.Open(_directory.Path, _schema).Dispose();
        postgres.Execute(_schema, "UPDATE gossipdb_journal SET format = 7, written_by = '9.1.0'");
        Assert.Contains(
            $"was written by format 7 of gossipdb 9.1.0; this is gossipdb {ProductVersion.Text}, which reads 1 to {JournalFormat.Current}",
            postgres.ProblemOf(_directory.Path, _schema),
            StringComparison.Ordinal);

        postgres.Execute(_schema, "UPDATE gossipdb_journal SET format = 1, written_by = '0.1.0'");
        postgres.Open(_directory.Path, _schema).Dispose();
        Assert.Equal(JournalFormat.Current, postgres.Query(_schema, "SELECT format FROM gossipdb_journal")[0]["format"]);
    }

    [SkippableFact]
    public void A_server_that_cannot_be_used_is_named_and_no_password_is()
    {
        _ = postgres.Server;
        string[] problems =
        [
            postgres.ProblemOf(
                _directory.Path, _schema, "gossipdb.journal.connection-string = \"Host=127.0.0.1;Port=1;Database=d;Password=geheim\""),
            postgres.ProblemOf(
                _directory.Path, _schema, $"gossipdb.journal.connection-string = \"{postgres.Server.ConnectionString};Database=none\""),
        ];
        Assert.Contains("postgres 127.0.0.1:1/d, schema ", problems[0], StringComparison.Ordinal);
        Assert.Contains("\"none\" does not exist", problems[1], StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", problems[0], StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresServer.Password, problems[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gossipdb.journal.provider = oracle", "gossipdb.journal.provider is 'oracle'; wanted is one of sqlite, postgres")]
    [InlineData("gossipdb.journal.provider = postgres", "gossipdb.journal.connection-string is not set")]
    [InlineData("gossipdb.journal.connection-string = \"Host=h\"", "gossipdb.journal.connection-string is set, but")]
    [InlineData(
        "gossipdb.journal.provider = postgres\ngossipdb.journal.connection-string = \"geheim\"",
        "gossipdb.journal.connection-string is no connection string of Npgsql")]
    [InlineData(
        "gossipdb.journal.provider = postgres\ngossipdb.journal.connection-string = \"Database=d\"",
        "gossipdb.journal.connection-string names no Host")]
    [InlineData(
        "gossipdb.journal.provider = postgres\ngossipdb.journal.connection-string = \"Host=h\"\ngossipdb.journal.schema = \"Ä_{id}\"",
        "gossipdb.journal.schema is 'Ä_{id}'")]
    [InlineData(
        "gossipdb.journal.provider = postgres\ngossipdb.journal.connection-string = \"Host=h\"\ngossipdb.journal.password-file = \"/none\"",
        "gossipdb.journal.password-file /none cannot be read")]
    public void Settings_that_make_no_sense_are_refused(string settings, string expected) =>
        Assert.Contains(expected, Problem(settings), StringComparison.Ordinal);

    private static string Problem(string settings) => Assert.Throws<ConfigurationProblem>(() =>
    {
        using var database = JournalDatabase.Of(TestSettings.Parse(settings));
        database.Prepare(Serilog.Core.Logger.None);
    }).Message;
}
