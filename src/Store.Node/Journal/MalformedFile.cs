using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using ILogger = Serilog.ILogger;

namespace Gossipdb.Node.Journal;

/// <summary>
/// A journal's file that SQLite calls malformed, or no database. It is moved aside and never deleted; what can be read of it goes into a
/// new file. A note beside the file says so, until everything that the journal held has been mended: it cannot be told what is missing.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class MalformedFile(string path)
{
    private const string Aside = ".damaged-";
    private readonly string _note = path + ".suspect";

    /// <summary>What the note says: why everything in the file is suspect. Null where nothing is.</summary>
    public string? Note => File.Exists(_note) ? File.ReadAllText(_note).Trim() : null;

    /// <summary>True for what SQLite says of a file that is damaged.</summary>
    public static bool IsMeantBy(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
            if (cause is SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB }) return true;
        return false;
    }

    /// <summary>Nothing is suspect any more.</summary>
    public void EndSuspicion() => File.Delete(_note);

    /// <summary>Moves the file aside, and copies what can be read of it into a new one.</summary>
    /// <param name="connect">Opens a file.</param>
    /// <param name="why">What SQLite says of it.</param>
    /// <param name="logger">Told what is done.</param>
    public void Replace(Func<string, SqliteConnection> connect, string why, ILogger logger)
    {
        var aside = path + Aside + DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        Suspect($"its file was damaged ({why}) and is {Path.GetFileName(aside)} now");
        SqliteConnection.ClearAllPools();
        File.Move(path, aside);
        if (File.Exists(path + "-wal")) File.Move(path + "-wal", aside + "-wal");
        File.Delete(path + "-shm");
        var copied = Copy(connect, aside);
        logger.Error(
            "the journal {Path} is damaged: {Why}; it was moved to {Aside}, and {Records} records that can be read were copied into a "
                + "new file; every partition of this node is suspect, and is mended from its other owners. Look at the disk",
            path, why, aside, copied);
    }

    /// <summary>Everything in the file is suspect from here on. The note is on the disk before anything else is done.</summary>
    public void Suspect(string why)
    {
        using var note = new FileStream(_note, FileMode.Create, FileAccess.Write);
        note.Write(Encoding.UTF8.GetBytes(why));
        note.Flush(flushToDisk: true);
    }

    private long Copy(Func<string, SqliteConnection> connect, string aside)
    {
        try
        {
            using var from = connect(aside);
            using var to = connect(path);
            var copied = 0L;
            foreach (var (table, sql) in Tables(from))
            {
                Run(to, sql);
                if (table == "journal") copied = CopyRows(from, to, table, "ordering");
                else if (table is not null) CopyRows(from, to, table, "rowid");
            }

            return copied;
        }
        catch (SqliteException unreadable) when (IsMeantBy(unreadable))
        {
            return 0;
        }
    }

    // Tables before their indices, which have no rows of their own.
    private static List<(string? Table, string Sql)> Tables(SqliteConnection from)
    {
        var tables = new List<(string?, string)>();
        using var command = from.CreateCommand();
        command.CommandText = "SELECT CASE type WHEN 'table' THEN name END, sql FROM sqlite_master "
            + "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name";
        using var reader = command.ExecuteReader();
        while (reader.Read()) tables.Add((reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetString(1)));
        return tables;
    }

    // In the order of their key. Behind what cannot be read it goes on with the next key.
    private static long CopyRows(SqliteConnection from, SqliteConnection to, string table, string key)
    {
        var (copied, last, most) = (0L, 0L, MostOf(from, table, key));
        using var transaction = to.BeginTransaction();
        while (last < most)
        {
            try
            {
                using var read = from.CreateCommand();
                read.CommandText = $"SELECT {key}, * FROM \"{table}\" WHERE {key} > {last} ORDER BY {key}";
                using var rows = read.ExecuteReader();
                while (rows.Read())
                {
                    last = rows.GetInt64(0);
                    copied += Insert(to, transaction, table, rows);
                }

                break;
            }
            catch (SqliteException unreadable) when (IsMeantBy(unreadable))
            {
                last++;
            }
        }

        transaction.Commit();
        return copied;
    }

    private static int Insert(SqliteConnection to, SqliteTransaction transaction, string table, SqliteDataReader row)
    {
        using var insert = to.CreateCommand();
        insert.Transaction = transaction;
        var columns = Enumerable.Range(1, row.FieldCount - 1).ToList();
        insert.CommandText = $"INSERT OR IGNORE INTO \"{table}\" ({string.Join(", ", columns.Select(i => $"\"{row.GetName(i)}\""))}) "
            + $"VALUES ({string.Join(", ", columns.Select(static i => $"@p{i}"))})";
        foreach (var i in columns) insert.Parameters.AddWithValue($"@p{i}", row.GetValue(i));
        return insert.ExecuteNonQuery();
    }

    // What the file says of its last row, whichever way can be read.
    private static long MostOf(SqliteConnection from, string table, string key)
    {
        var most = 0L;
        foreach (var question in (string[])
        [
            $"SELECT max({key}) FROM \"{table}\"", $"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",
            $"SELECT count(*) FROM \"{table}\"",
        ])
        {
            try
            {
                using var command = from.CreateCommand();
                command.CommandText = question;
                if (command.ExecuteScalar() is long told) most = Math.Max(most, told);
            }
            catch (SqliteException)
            {
                // Another question may be answered.
            }
        }

        return most;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
