using Gossipdb.Node.Configuration;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Journal;

/// <summary>The SQLite file Akka.Persistence.Sql keeps the journal in.</summary>
internal static class JournalDatabase
{
    /// <summary>The file's path in a data directory.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "journal.db");

    /// <summary>The connection string. SQLite's default of synchronous=FULL stands: a commit is on the disk before it is confirmed.</summary>
    public static string ConnectionString(NodeSettings settings) => new SqliteConnectionStringBuilder
    {
        DataSource = PathIn(settings.DataDirectory),
        DefaultTimeout = (int)Math.Ceiling(settings.BusyTimeout.TotalSeconds),
    }.ToString();

    /// <summary>The bytes on the disk, with what is not merged into the file yet.</summary>
    public static long BytesOf(string path)
    {
        long bytes = 0;
        foreach (var part in (string[])[path, path + "-wal"])
            if (new FileInfo(part) is { Exists: true } file) bytes += file.Length;
        return bytes;
    }

    /// <summary>Creates the file where it is missing and puts it in write-ahead mode, which the file remembers.</summary>
    /// <exception cref="ConfigurationProblem">The file cannot be opened or is no database.</exception>
    public static void Prepare(NodeSettings settings)
    {
        try
        {
            using var connection = new SqliteConnection(ConnectionString(settings));
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL";
            command.ExecuteScalar();

            // A slow disk takes its time for the first pages: here, where nothing counts it.
            command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'journal'";
            if (command.ExecuteScalar() is 0L) return;
            command.CommandText = "SELECT max(sequence_number) FROM journal";
            command.ExecuteScalar();
        }
        catch (SqliteException unusable)
        {
            throw new ConfigurationProblem($"the journal {PathIn(settings.DataDirectory)} cannot be opened: {unusable.Message}");
        }
    }
}
