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
    private readonly MalformedFile _malformed = new(PathIn(settings.DataDirectory));
    private volatile string? _suspicion;
    private volatile bool _isToBeReplaced;

    public override string Name => _path;

    protected override string Provider => ProviderName;

    // SQLite's default of synchronous=FULL stands: a commit is on the disk before it is confirmed.
    protected override string ConnectionString => new SqliteConnectionStringBuilder
    {
        DataSource = _path,
        DefaultTimeout = (int)Math.Ceiling(_busyTimeout.TotalSeconds),
    }.ToString();

    protected override bool MakesTables => true;

    protected override TimeSpan WriteWithin => _busyTimeout;

    /// <summary>The file's path in a data directory.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "journal.db");

    public override string? Suspicion => _suspicion;

    public override bool IsToBeReplaced => _isToBeReplaced;

    public override void SuspicionEnded()
    {
        _suspicion = null;
        _malformed.EndSuspicion();
    }

    public override void NoteFailure(Exception cause) => _isToBeReplaced |= MalformedFile.IsMeantBy(cause);

    /// <summary>
    /// Creates the file where it is missing and puts it in write-ahead mode, which the file remembers. A file that is damaged is moved
    /// aside.
    /// </summary>
    /// <exception cref="ConfigurationProblem">The file cannot be opened.</exception>
    public override void Prepare(ILogger logger)
    {
        PostgresDatabase.RefuseOf(_dataDirectory);
        if (WriteAheadLog.FindDamage(_path + "-wal") is { } damage)
        {
            _malformed.Suspect(damage);
            logger.Error("the journal {Path} is damaged: {Damage}; every partition of this node is suspect, and is mended from its other "
                + "owners. Look at the disk", _path, damage);
        }

        try
        {
            if (_isToBeReplaced) Replace("it cannot be read to its end", logger);
            else if (!TryOpen(logger, out var why)) Replace(why!, logger);
        }
        catch (SqliteException unusable)
        {
            throw new ConfigurationProblem($"the journal {_path} cannot be opened: {unusable.Message}");
        }

        _suspicion = _malformed.Note;
    }

    private void Replace(string why, ILogger logger)
    {
        _malformed.Replace(Connect, why, logger);
        _isToBeReplaced = false;
        Open(logger);
    }

    private bool TryOpen(ILogger logger, out string? why)
    {
        try
        {
            Open(logger);
            why = null;
            return true;
        }
        catch (SqliteException malformed) when (MalformedFile.IsMeantBy(malformed))
        {
            why = malformed.Message;
            return false;
        }
    }

    private void Open(ILogger logger)
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
            command.CommandText = "SELECT EXISTS (SELECT 1 FROM journal)";
            hasRecords = command.ExecuteScalar() is 1L;
        }

        // What a version that this one does not know has made stays as it is.
        JournalFormat.Open(connection, JournalFormat.Table, hasRecords, _path, logger);
        SqliteTables.Make(connection);
    }

    /// <summary>A connection to the file as the journal has it.</summary>
    public SqliteConnection Connect() => Connect(_path);

    private SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { DataSource = path }.ToString());
        connection.Open();
        return connection;
    }

    public override long BytesOnDisk() => BytesOf(_path);

    /// <summary>The bytes of a journal's files, with what is not merged into the first of them yet.</summary>
    public static long BytesOf(string path)
    {
        long bytes = 0;
        foreach (var part in (string[])[path, path + "-wal"])
            if (new FileInfo(part) is { Exists: true } file) bytes += file.Length;
        return bytes;
    }

    public override long? FreeBytes()
    {
        try
        {
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";
            return command.ExecuteScalar() as long?;
        }
        catch (SqliteException)
        {
            // Whoever reads or writes it says what is wrong with it.
            return null;
        }
    }

    public override IRowWriter OpenWriter(JournalConfig config) => new SqliteRowWriter(config, this);

    public override bool ReadsRows => true;

    public override SqliteRowReader OpenReader(JournalConfig config) => new(config);
}
