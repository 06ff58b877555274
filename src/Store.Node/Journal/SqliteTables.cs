using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Journal;

/// <summary>
/// The tables of a journal in SQLite: those of Akka.Persistence.Sql, which can read and write them, with fewer indexes. A commit writes
/// every page that it touches, and each index is one more. The package's own tables let records be found by time and by number alone,
/// which the node never does. They also count <c>ordering</c> up in a table beside (AUTOINCREMENT): for those who follow rows by it.
/// </summary>
internal static class SqliteTables
{
    /// <summary>All records with their numbers, in their order: by the rows' own, which needs no index and no sorting.</summary>
    public const string Records = "SELECT sequence_number, message FROM journal ORDER BY ordering";

    private const string Missing = """
        CREATE TABLE IF NOT EXISTS journal (
          ordering        INTEGER       NOT NULL PRIMARY KEY,
          created         INTEGER       NOT NULL,
          deleted         BIT           NOT NULL,
          persistence_id  NVARCHAR(255) NOT NULL,
          sequence_number INTEGER       NOT NULL,
          message         VARBINARY     NOT NULL,
          manifest        NVARCHAR(500)     NULL,
          identifier      INTEGER           NULL,
          writer_uuid     NVARCHAR(128)     NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number);
        CREATE TABLE IF NOT EXISTS tags (
          ordering_id    INTEGER       NOT NULL,
          tag            NVARCHAR(64)  NOT NULL,
          sequence_nr    INTEGER       NOT NULL,
          persistence_id NVARCHAR(255) NOT NULL,
          PRIMARY KEY (ordering_id, tag));
        """;

    // A file that the package made has these.
    private const string Needless = """
        DROP INDEX IF EXISTS journal_created_idx;
        DROP INDEX IF EXISTS journal_sequence_number_idx;
        """;

    /// <summary>Makes what is missing, and drops the indexes that nobody needs.</summary>
    /// <exception cref="SqliteException">The file cannot be written.</exception>
    public static void Make(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Missing + Needless;
        command.ExecuteNonQuery();
        transaction.Commit();
    }
}
