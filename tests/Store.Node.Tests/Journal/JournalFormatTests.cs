using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Serilog.Core;
using Serilog.Events;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>Which formats of a journal a node reads, on SQLite.</summary>
public sealed class JournalFormatTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_newer_format_is_refused_by_name()
    {
        Prepare();
        Execute("UPDATE gossipdb_journal SET format = 7, written_by = '9.1.0'");

        var problem = Assert.Throws<ConfigurationProblem>(() => Prepare()).Message;

        Assert.Contains(
            $"journal.db was written by format 7 of gossipdb 9.1.0; this is gossipdb {ProductVersion.Text}, which reads 1 to "
                + $"{JournalFormat.Current}: run the version that wrote it, or a later one",
            problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_of_before_formats_is_upgraded_and_that_is_said_once()
    {
        await using (var journal = new JournalPlugin($"gossipdb.node.data-dir = \"{_directory.Path}\"", isFast: true))
            Assert.Null(await journal.WriteAsync("a", 1, "text"));
        Execute("DROP TABLE gossipdb_journal");

        Assert.Contains("written by format 1 of", Assert.Single(Prepare()), StringComparison.Ordinal);
        Assert.Empty(Prepare());
    }

    [Fact]
    public void A_new_journal_is_of_the_format_that_is_written_and_nothing_is_said()
    {
        Assert.Empty(Prepare());
        Execute($"UPDATE gossipdb_journal SET written_by = 'other' WHERE format = {JournalFormat.Current}");

        // Another version that writes the same format: only its name changes.
        Assert.Empty(Prepare());
        using var database = new SqliteDatabase(Settings);
        using var connection = database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT written_by FROM gossipdb_journal";
        Assert.Equal(ProductVersion.Text, command.ExecuteScalar());
    }

    private NodeSettings Settings => TestSettings.Parse($"gossipdb.node.data-dir = \"{_directory.Path}\"");

    // What was said.
    private List<string> Prepare()
    {
        var lines = new Lines();
        using var logger = new Serilog.LoggerConfiguration().WriteTo.Sink(lines).CreateLogger();
        using var database = new SqliteDatabase(Settings);
        database.Prepare(logger);
        return lines.All;
    }

    private void Execute(string sql)
    {
        using var database = new SqliteDatabase(Settings);
        using var connection = database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(sql[0] == 'U' ? 1 : 0, Math.Max(0, command.ExecuteNonQuery()));
    }

    private sealed class Lines : ILogEventSink
    {
        public List<string> All { get; } = [];

        public void Emit(LogEvent logEvent) => All.Add(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
    }
}
