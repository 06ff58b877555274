using Akka.Persistence.Sql.Config;
using Gossipdb.Node.Configuration;
using Microsoft.Data.Sqlite;
using ILogger = Serilog.ILogger;

namespace Gossipdb.Node.Journal;

/// <summary>The journal in a SQLite file of the data directory, whose lock keeps other nodes out.</summary>
/// <param name="settings">The node's settings.</param>
internal sealed class SqliteDatabase(NodeSettings settings) : JournalDatabase(settings)
{
    /// <summary>The only provider that has the connection <see cref="SqliteRowWriter"/> writes with.</summary>
    public const string ProviderName = "SQLite.MS";

    private readonly string _dataDirectory = settings.DataDirectory;
    private readonly string _path = PathIn(settings.DataDirectory);
    private readonly TimeSpan _busyTimeout = settings.BusyTimeout;

    public override string Name => _path;

    protected override string Provider => ProviderName;

    // SQLite's default of synchronous=FULL stands: a commit is on the disk before it is confirmed.
    protected override string ConnectionString => new SqliteConnectionStringBuilder
    {
        DataSource = _path,
        DefaultTimeout = (int)Math.Ceiling(_busyTimeout.TotalSeconds),
    }.ToString();

    protected override TimeSpan WriteWithin => _busyTimeout;

    /// <summary>The file's path in a data directory.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "journal.db");

    /// <summary>Creates the file where it is missing and puts it in write-ahead mode, which the file remembers.</summary>
    /// <exception cref="ConfigurationProblem">The file cannot be opened or is no database.</exception>
    public override void Prepare(ILogger logger)
    {
        PostgresDatabase.RefuseOf(_dataDirectory);
        try
        {
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL";
            command.ExecuteScalar();

            // A slow disk takes its time for the first pages: here, where nothing counts it.
            command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'journal'";
            var hasRecords = false;
            if (command.ExecuteScalar() is not 0L)
            {
                command.CommandText = "SELECT max(sequence_number) FROM journal";
                hasRecords = command.ExecuteScalar() is long;
            }

            JournalFormat.Open(connection, JournalFormat.Table, hasRecords, _path, logger);
        }
        catch (SqliteException unusable)
        {
            throw new ConfigurationProblem($"the journal {_path} cannot be opened: {unusable.Message}");
        }
    }

    /// <summary>A connection to the file as the journal has it.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        return connection;
    }

    // With what is not merged into the file yet.
    public override long BytesOnDisk()
    {
        long bytes = 0;
        foreach (var part in (string[])[_path, _path + "-wal"])
            if (new FileInfo(part) is { Exists: true } file) bytes += file.Length;
        return bytes;
    }

    public override IRowWriter OpenWriter(JournalConfig config) => new SqliteRowWriter(config);

    public override bool ReadsRows => true;

    public override SqliteRowReader OpenReader(JournalConfig config) => new(config);
}
