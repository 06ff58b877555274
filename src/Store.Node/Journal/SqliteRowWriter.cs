using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal.Types;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Writes to SQLite. When a call returns all of its rows are on the disk (synchronous is FULL, SQLite's default).
/// <para>A disk that is full takes nothing of a transaction: SQLite takes back what it had begun, and says so before it flushes anything.
/// So the same rows are written once there is room. A failed flush is never tried again: what the disk holds then is known only once it
/// is read.</para>
/// </summary>
internal sealed class SqliteRowWriter : IRowWriter
{
    // Tells SQLite that the statements are kept for long.
    private const uint Persistent = raw.SQLITE_PREPARE_PERSISTENT;

    // What is deleted at once.
    private const long DeletedBytes = 4 << 20;
    private const int DeletedRows = 256;

    // The write-ahead log is merged once it has this share of the file's pages, and stays that long: what a large commit has made of it is
    // given back. It takes room beside the file, and a long one saves little: most pages are in it once.
    private const int LogShare = 8;
    private const int LeastLogPages = 64;
    private const int MostLogPages = 1_000;

    // The file's length is looked at again after so many writes.
    private const int FitsFor = 64;

    // Between two attempts while the disk is full.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly SqliteConnection _connection;
    private readonly JournalTable _table;
    private readonly JournalDatabase _told;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _isLeft;
    private readonly sqlite3_stmt _first;
    private readonly sqlite3_stmt _delete;
    private readonly sqlite3_stmt _rollback;
    private readonly sqlite3_stmt _pages;
    private int _logPages;
    private int _writes;

    /// <summary>Opens the file.</summary>
    /// <param name="config">Says which file, and what the table and its columns are called.</param>
    /// <param name="database">Told while the disk is full.</param>
    /// <exception cref="SqliteException">It cannot be opened, or has no such table.</exception>
    public SqliteRowWriter(JournalConfig config, JournalDatabase database)
    {
        _told = database;

        // The pool would take it for idle, and keep it open once it is closed.
        var options = new SqliteConnectionStringBuilder(config.ConnectionString) { Pooling = false };
        _connection = new SqliteConnection(options.ToString());
        try
        {
            _connection.Open();
            _database = _connection.Handle!;

            // Zero is no limit here. SQLite waits in small steps; Microsoft.Data.Sqlite looks again only every 150 ms.
            var milliseconds = options.DefaultTimeout == 0 ? int.MaxValue : checked(options.DefaultTimeout * 1_000);
            Check(raw.sqlite3_busy_timeout(_database, milliseconds));
            _table = new JournalTable(config);
            _begin = Prepare("BEGIN IMMEDIATE");
            _insert = Prepare($"INSERT INTO {_table.Name} ({string.Join(", ", _table.Columns)}) "
                + $"VALUES ({string.Join(", ", Enumerable.Repeat("?", _table.Columns.Count))})");
            _commit = Prepare("COMMIT");
            var ofId = $"FROM {_table.Name} WHERE {_table.PersistenceId} = ? AND {_table.SequenceNumber} <= ?";
            _first = Prepare($"SELECT {_table.SequenceNumber}, length({_table.Message}) {ofId} ORDER BY {_table.SequenceNumber}");
            _delete = Prepare($"DELETE {ofId}");
            _isLeft = Prepare(
                $"SELECT EXISTS (SELECT 1 FROM {_table.Name} WHERE {_table.PersistenceId} = ? AND {_table.SequenceNumber} > ?) "
                    + $"AND NOT EXISTS (SELECT 1 FROM {_table.Tags})");
            _rollback = Prepare("ROLLBACK");
            _pages = Prepare("SELECT page_count, page_size FROM pragma_page_count, pragma_page_size");
            FitLog();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <exception cref="SqliteException">They could not be written.</exception>
    public void Write(IReadOnlyList<JournalRow> rows)
    {
        if (rows.Count == 0) return;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                Insert(rows);
                if (_told.IsWaiting) _told.Wait(null);
                if (++_writes % FitsFor == 0) FitLog();
                return;
            }
            catch (SqliteException full) when (full.SqliteErrorCode == raw.SQLITE_FULL)
            {
                // After some errors SQLite ends the transaction by itself.
                if (raw.sqlite3_get_autocommit(_database) == 0) Run(_rollback);
                _told.Wait($"there is no room for {_told.Name}: {full.Message}");
                Thread.Sleep(pause);
            }
        }
    }

    private void Insert(IReadOnlyList<JournalRow> rows)
    {
        if (_told.Disk.IsFull) throw new SqliteException("the disk is full, as an experiment has it", raw.SQLITE_FULL);

        // One statement is a transaction by itself.
        if (rows.Count > 1) Run(_begin);
        for (var i = 0; i < rows.Count; i++) Insert(rows[i]);
        if (rows.Count > 1) Run(_commit);
    }

    /// <exception cref="SqliteException">They could not be deleted, and are all there.</exception>
    public bool? TryDelete(string persistenceId, long upTo)
    {
        if (!IsLastLeft(persistenceId, upTo)) return null;
        var (rows, bytes, last) = (0, 0L, 0L);
        Bind(_first, persistenceId, upTo);
        try
        {
            while (rows < DeletedRows && bytes < DeletedBytes)
            {
                var result = raw.sqlite3_step(_first);
                if (result == raw.SQLITE_DONE) break;
                if (result != raw.SQLITE_ROW) Check(result);
                last = raw.sqlite3_column_int64(_first, 0);
                bytes += raw.sqlite3_column_int64(_first, 1);
                rows++;
            }
        }
        finally
        {
            raw.sqlite3_reset(_first);
        }

        if (rows == 0) return false;
        Bind(_delete, persistenceId, last);
        Run(_delete);
        return last < upTo;
    }

    // A short file has a short log.
    private void FitLog()
    {
        var result = raw.sqlite3_step(_pages);
        if (result != raw.SQLITE_ROW) Check(result);
        var pages = raw.sqlite3_column_int64(_pages, 0);
        var pageBytes = raw.sqlite3_column_int64(_pages, 1);
        raw.sqlite3_reset(_pages);
        var fit = (int)Math.Clamp(pages / LogShare, LeastLogPages, MostLogPages);
        if (fit == _logPages || Math.Abs(fit - _logPages) < _logPages / LogShare) return;
        _logPages = fit;
        Check(raw.sqlite3_wal_autocheckpoint(_database, fit));
        using var limit = Prepare($"PRAGMA journal_size_limit = {fit * pageBytes}");
        raw.sqlite3_step(limit);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _isLeft?.Dispose();
        _first?.Dispose();
        _delete?.Dispose();
        _begin?.Dispose();
        _insert?.Dispose();
        _commit?.Dispose();
        _rollback?.Dispose();
        _pages?.Dispose();
        _connection.Dispose();
    }

    private bool IsLastLeft(string persistenceId, long upTo)
    {
        Bind(_isLeft, persistenceId, upTo);
        var result = raw.sqlite3_step(_isLeft);
        try
        {
            if (result != raw.SQLITE_ROW) Check(result);
            return raw.sqlite3_column_int(_isLeft, 0) != 0;
        }
        finally
        {
            raw.sqlite3_reset(_isLeft);
        }
    }

    private void Insert(JournalRow row)
    {
        Check(raw.sqlite3_bind_text(_insert, 1, row.PersistenceId));
        Check(raw.sqlite3_bind_int64(_insert, 2, row.SequenceNumber));
        Check(raw.sqlite3_bind_int64(_insert, 3, row.Timestamp));
        Check(raw.sqlite3_bind_int(_insert, 4, row.Deleted ? 1 : 0));
        Check(raw.sqlite3_bind_blob(_insert, 5, row.Message));
        Check(row.Identifier is { } identifier
            ? raw.sqlite3_bind_int(_insert, 6, identifier)
            : raw.sqlite3_bind_null(_insert, 6));
        BindText(7, row.Manifest);
        if (_table.HasTags) BindText(8, row.Tags);
        if (_table.HasWriter) BindText(_table.HasTags ? 9 : 8, row.WriterUuid);
        Run(_insert);
    }

    private void Bind(sqlite3_stmt statement, string persistenceId, long upTo)
    {
        Check(raw.sqlite3_bind_text(statement, 1, persistenceId));
        Check(raw.sqlite3_bind_int64(statement, 2, upTo));
    }

    private void BindText(int index, string? text) =>
        Check(text is null ? raw.sqlite3_bind_null(_insert, index) : raw.sqlite3_bind_text(_insert, index, text));

    private void Run(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        try
        {
            Check(result);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_database, sql, Persistent, out var statement));
        return statement;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
