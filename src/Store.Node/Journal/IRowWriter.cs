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

    /// <summary>
    /// Deletes some of the first rows of an id, for a few milliseconds: whoever writes waits for it.
    /// </summary>
    /// <param name="persistenceId">Whose.</param>
    /// <param name="upTo">The number of the last one that may go.</param>
    /// <returns>
    /// Whether there may be more. Null where this writer cannot do it, and the package has to: it deletes nothing at all, or the last row
    /// of all would go, or rows have tags.
    /// </returns>
    bool? TryDelete(string persistenceId, long upTo) => null;
}
