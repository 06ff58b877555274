using System.Diagnostics;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal.Types;
using Npgsql;
using NpgsqlTypes;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Writes to PostgreSQL: one prepared statement a commit, however many rows it has.
/// <para>A server that is stopped leaves a commit of which nobody knows whether it was made. The writer waits for the server, takes the
/// lock on the schema again, so that nothing of the lost connection is still under way, and reads back: the rows are all there, and were
/// written by this writer, or the journal ends right before them, and they are written again. A journal that ends anywhere else is not the
/// one that confirmed what came before, and nothing is written to it.</para>
/// </summary>
internal sealed class PostgresRowWriter : IRowWriter
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly PostgresDatabase _database;
    private readonly JournalTable _table;
    private readonly string _sql;
    private PostgresSession? _session;
    private NpgsqlCommand? _insert;

    /// <param name="database">Where the journal is.</param>
    /// <param name="config">What its table is called.</param>
    /// <param name="session">A connection that holds the lock; null where there is none yet.</param>
    public PostgresRowWriter(PostgresDatabase database, JournalConfig config, PostgresSession? session)
    {
        (_database, _table, _session) = (database, new JournalTable(config), session);
        var arrays = string.Join(", ", Enumerable.Range(1, _table.Columns.Count).Select(static number => $"${number}"));
        _sql = $"INSERT INTO {_table.Name} ({string.Join(", ", _table.Columns)}) SELECT * FROM unnest({arrays})";
    }

    /// <exception cref="TimeoutException">The server did not come back in time.</exception>
    /// <exception cref="InvalidDataException">It came back with another journal.</exception>
    /// <exception cref="PostgresException">It refused.</exception>
    public void Write(IReadOnlyList<JournalRow> rows)
    {
        if (rows.Count == 0) return;
        try
        {
            Insert(rows);
        }
        catch (NpgsqlException failure) when (MayPass(failure))
        {
            WriteOnceBack(rows, failure);
        }
    }

    public void Dispose()
    {
        _insert?.Dispose();
        _session?.Dispose();
    }

    // What a server says or does not say when it stops, starts, is cut off, or has no room.
    private static bool MayPass(NpgsqlException failure) =>
        failure is not PostgresException said || said.SqlState[..2] is "08" or "53" or "57";

    private void WriteOnceBack(IReadOnlyList<JournalRow> rows, NpgsqlException failure)
    {
        var (began, pause) = (Stopwatch.GetTimestamp(), FirstPause);
        while (true)
        {
            _database.Wait($"{_database.Name}: {failure.GetBaseException().Message}");
            if (Stopwatch.GetElapsedTime(began) >= _database.Patience)
            {
                throw new TimeoutException($"{_database.Name} did not take the commit for {_database.Patience.TotalSeconds:0.###} s "
                    + $"(gossipdb.journal.server-patience): {failure.GetBaseException().Message}", failure);
            }

            if (_database.Stopping.WaitHandle.WaitOne(pause)) throw new OperationCanceledException("the node stops", failure);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            try
            {
                Dispose();
                (_insert, _session) = (null, _database.Reopen());
                if (!IsThere(rows)) Insert(rows);
                _database.Wait(null);
                return;
            }
            catch (NpgsqlException again) when (MayPass(again))
            {
                failure = again;
            }
        }
    }

    private void Insert(IReadOnlyList<JournalRow> rows)
    {
        if (_database.Disk.IsFull)
            throw new PostgresException("the disk is full, as an experiment has it", "ERROR", "ERROR", PostgresErrorCodes.DiskFull);
        _session ??= _database.Reopen();
        _insert ??= Prepare(_session.Connection);
        var column = 0;
        Set(_insert, column++, rows, static row => row.PersistenceId);
        Set(_insert, column++, rows, static row => row.SequenceNumber);
        Set(_insert, column++, rows, static row => row.Timestamp);
        Set(_insert, column++, rows, static row => row.Deleted);
        Set(_insert, column++, rows, static row => row.Message);
        Set(_insert, column++, rows, static row => row.Identifier);
        Set(_insert, column++, rows, static row => row.Manifest);
        if (_table.HasTags) Set(_insert, column++, rows, static row => row.Tags);
        if (_table.HasWriter) Set(_insert, column, rows, static row => row.WriterUuid);
        _insert.ExecuteNonQuery();
    }

    private static void Set<T>(NpgsqlCommand command, int column, IReadOnlyList<JournalRow> rows, Func<JournalRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = value(rows[i]);
        ((NpgsqlParameter<T[]>)command.Parameters[column]).TypedValue = values;
    }

    private NpgsqlCommand Prepare(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(_sql, connection);
        Add<string>(NpgsqlDbType.Text);
        Add<long>(NpgsqlDbType.Bigint);
        Add<long>(NpgsqlDbType.Bigint);
        Add<bool>(NpgsqlDbType.Boolean);
        Add<byte[]>(NpgsqlDbType.Bytea);
        Add<int?>(NpgsqlDbType.Integer);
        Add<string>(NpgsqlDbType.Text);
        if (_table.HasTags) Add<string>(NpgsqlDbType.Text);
        if (_table.HasWriter) Add<string>(NpgsqlDbType.Text);
        command.Prepare();
        return command;

        void Add<T>(NpgsqlDbType type) => command.Parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    // Whether all the rows are there; not one of them, where they are not.
    private bool IsThere(IReadOnlyList<JournalRow> rows)
    {
        bool? isThere = null;
        for (var i = 0; i < rows.Count; i++)
        {
            if (i > 0 && rows[i].PersistenceId == rows[i - 1].PersistenceId) continue;
            var isThis = IsThere(rows, rows[i]);
            if (isThere is { } others && others != isThis) throw new InvalidDataException($"{_database.Name} holds a part of one commit");
            isThere = isThis;
        }

        return isThere!.Value;
    }

    // Whether those rows are there that have the id of the first of them.
    private bool IsThere(IReadOnlyList<JournalRow> rows, JournalRow first)
    {
        var (count, last) = (0, first.SequenceNumber);
        foreach (var row in rows)
        {
            if (row.PersistenceId != first.PersistenceId) continue;
            count++;
            last = Math.Max(last, row.SequenceNumber);
        }

        using var command = new NpgsqlCommand(
            $"""
            SELECT coalesce(max({_table.SequenceNumber}), 0),
              count(*) FILTER (WHERE {_table.SequenceNumber} BETWEEN $2 AND $3 AND {_table.WriterUuid} = $4)
            FROM {_table.Name} WHERE {_table.PersistenceId} = $1
            """,
            _session!.Connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = first.PersistenceId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first.SequenceNumber });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = first.WriterUuid });
        using var reader = command.ExecuteReader();
        reader.Read();
        var (highest, ours) = (reader.GetInt64(0), reader.GetInt64(1));
        if (highest == last && ours == count) return true;
        if (highest == first.SequenceNumber - 1 && ours == 0) return false;
        throw new InvalidDataException($"{_database.Name} came back with a journal of {first.PersistenceId} that ends at record {highest} "
            + $"with {ours} of this writer from {first.SequenceNumber} to {last}: it is not the server that confirmed what came before, or "
            + "an older copy of it, or another has written to it");
    }
}
