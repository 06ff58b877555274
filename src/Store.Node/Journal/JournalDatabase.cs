using Akka.Persistence.Sql.Journal;
using Akka.Util;
using Gossipdb.Node.Configuration;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Journal;

/// <summary>The SQLite file Akka.Persistence.Sql keeps the journal in.</summary>
internal static class JournalDatabase
{
    private const string Sqlite = "SQLite.MS";

    /// <summary>The file's path in a data directory.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "journal.db");

    /// <summary>
    /// The connection string. SQLite's default of synchronous=FULL stands: a commit is on the disk before it is confirmed.
    /// </summary>
    public static string ConnectionString(NodeSettings settings) => new SqliteConnectionStringBuilder
    {
        DataSource = PathIn(settings.DataDirectory),
        DefaultTimeout = (int)Math.Ceiling(settings.BusyTimeout.TotalSeconds),
    }.ToString();

    /// <summary>What the configuration of Akka says of the journal. The node's own file may name another database.</summary>
    public static string AkkaConfiguration(NodeSettings settings) => $$"""
        akka.persistence {
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "{{ClassFor(settings)}}"
              connection-string = "{{ConnectionString(settings).Replace("\\", "\\\\")}}"
              provider-name = "{{Sqlite}}"

              # Its own dispatcher's threads would be woken for every write, for a few microseconds of work.
              plugin-dispatcher = "akka.actor.default-dispatcher"

              # What the package writes: several records at once would go as hexadecimal text within the SQL.
              prefer-parameters-on-multirow-insert = true

              # A clone for each commit builds its mapping anew, which costs more than opening a pooled connection.
              use-clone-connection = false

              # What it reads at once is what JournalReader asks for.
              replay-batch-size = {{settings.RecoveryPage}}

              # A hundred more would be held back to look for a second writer of the journal.
              # The lock on the data directory sees to it that there is none.
              replay-filter.mode = off

              # For how long the disk may not tell the number of the last record.
              # The records are read by JournalReader, which is as patient.
              recovery-event-timeout = {{(long)settings.ReadPatience.TotalMilliseconds}}ms

              # A write that waits for a locked file is not a failed one until the busy timeout has passed.
              circuit-breaker.call-timeout = {{(int)(settings.BusyTimeout.TotalSeconds * 2) + 10}}s
            }
          }
          snapshot-store.plugin = "akka.persistence.no-snapshot-store"
        }
        """;

    // Only Microsoft's provider has the connection FastSqliteJournal writes with.
    private static string ClassFor(NodeSettings settings) =>
        settings.Own.GetString("akka.persistence.journal.sql.provider-name", Sqlite) == Sqlite
            ? typeof(FastSqliteJournal).TypeQualifiedName()
            : typeof(SqlWriteJournal).TypeQualifiedName();

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
