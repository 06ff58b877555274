using Gossipdb.Node.Configuration;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Gives back what is free in a stopped node's journal: SQLite uses free pages again, and never makes its file shorter. The file is
/// written anew beside itself, so that there must be room for it twice.
/// </summary>
internal static class JournalCompaction
{
    /// <summary>Compacts the journal of a data directory.</summary>
    /// <param name="dataDirectory">The directory.</param>
    /// <returns>How many bytes the journal's files had, and have.</returns>
    /// <exception cref="ConfigurationProblem">A node runs there, there is no journal, or it cannot be written.</exception>
    public static (long Before, long After) Run(string dataDirectory)
    {
        var path = SqliteDatabase.PathIn(dataDirectory);
        if (!File.Exists(path)) throw new ConfigurationProblem($"{dataDirectory} has no journal: there is no file {path}");
        using var claim = DataDirectoryClaim.Take(dataDirectory);
        var before = SqliteDatabase.BytesOf(path);
        try
        {
            var options = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false };
            using var connection = new SqliteConnection(options.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandTimeout = 0;
            foreach (var statement in (string[])["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"])
            {
                command.CommandText = statement;
                command.ExecuteNonQuery();
            }
        }
        catch (SqliteException failed)
        {
            throw new ConfigurationProblem($"the journal {path} cannot be compacted, and is as it was: {failed.Message}");
        }

        return (before, SqliteDatabase.BytesOf(path));
    }
}
