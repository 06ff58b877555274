using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Reads records from SQLite as Akka.Persistence.Sql has written them: one prepared statement, whose rows are copied once, into a page.
/// Each page is a transaction of its own, so that it keeps nobody from merging the write-ahead log. Not for several threads.
/// </summary>
internal sealed class SqliteRowReader : IDisposable
{
    // The package's number for what is bytes already.
    private const int ByteArraySerializer = 4;
    private readonly SqliteConnection _connection;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _select;

    /// <summary>Opens the file.</summary>
    /// <param name="config">Says which file, and what the table and its columns are called.</param>
    /// <exception cref="SqliteException">It cannot be opened, or has no such table.</exception>
    public SqliteRowReader(JournalConfig config)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder(config.ConnectionString) { Pooling = false }.ToString());
        try
        {
            _connection.Open();
            _database = _connection.Handle!;
            var table = new JournalTable(config);
            Check(raw.sqlite3_prepare_v2(
                _database,
                $"SELECT {table.SequenceNumber}, {table.Identifier}, {table.Message} FROM {table.Name} WHERE {table.PersistenceId} = ? "
                    + $"AND {table.SequenceNumber} BETWEEN ? AND ? AND {table.Deleted} = 0 ORDER BY {table.SequenceNumber}",
                out _select));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Adds records to a page until it has enough, or there are no more.</summary>
    /// <param name="page">The page.</param>
    /// <param name="persistenceId">Whose records.</param>
    /// <param name="from">The number of the first one.</param>
    /// <param name="last">The number of the last one.</param>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A record is not bytes.</exception>
    public void Read(JournalPage page, string persistenceId, long from, long last)
    {
        Check(raw.sqlite3_bind_text(_select, 1, persistenceId));
        Check(raw.sqlite3_bind_int64(_select, 2, from));
        Check(raw.sqlite3_bind_int64(_select, 3, last));
        try
        {
            while (page.Bytes < JournalPage.EnoughBytes)
            {
                var result = raw.sqlite3_step(_select);
                if (result == raw.SQLITE_DONE) return;
                if (result != raw.SQLITE_ROW) Check(result);
                var number = raw.sqlite3_column_int64(_select, 0);
                if (raw.sqlite3_column_int(_select, 1) != ByteArraySerializer)
                    throw new InvalidDataException($"record {number} is not bytes");
                page.Add(number, raw.sqlite3_column_blob(_select, 2));
            }
        }
        finally
        {
            raw.sqlite3_reset(_select);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _select?.Dispose();
        _connection.Dispose();
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
