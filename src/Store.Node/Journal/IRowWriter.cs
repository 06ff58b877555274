using Akka.Persistence.Sql.Journal.Types;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Inserts rows into the journal's table as Akka.Persistence.Sql has made it: prepared statements on a connection that stays open.
/// Not for several threads, but for <see cref="IDisposable.Dispose"/>, which also ends a write that waits.
/// </summary>
internal interface IRowWriter : IDisposable
{
    /// <summary>Inserts rows, in their order: all or none. When it returns all of them are on the disk.</summary>
    /// <exception cref="Exception">
    /// They are not, or nobody knows. Dispose the writer: what was begun is undone, and its locks are given back.
    /// </exception>
    void Write(IReadOnlyList<JournalRow> rows);
}
