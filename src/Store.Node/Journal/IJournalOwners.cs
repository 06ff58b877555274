using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Who the journal's records are of. Each owner has a number: the partitions come first, and behind them, in the same order, their
/// fallbacks, which have a journal each.
/// </summary>
internal interface IJournalOwners
{
    /// <summary>
    /// Hands over a record of the journal. Those of one owner come in the order they were appended. Those of owners in different lanes may
    /// come at once, on different threads.
    /// </summary>
    /// <exception cref="CorruptDataException">Nobody can take it.</exception>
    void Recover(int journal, byte[] record);

    /// <summary>
    /// The journal has been read to its end for some partitions and their fallbacks. They are handed nothing more, and may append. Others
    /// are still read.
    /// </summary>
    /// <param name="first">The first of the partitions.</param>
    /// <param name="end">The partition behind the last one.</param>
    void Recovered(int first, int end);

    /// <summary>Where the next record would be handed over, one of the owner's is damaged or missing, or may be.</summary>
    /// <param name="journal">The owner.</param>
    /// <param name="what">What is damaged, in words for people.</param>
    void RecoverDamage(int journal, string what);

    /// <summary>An owner, in words for people.</summary>
    string NameOf(int journal);

    /// <summary>Everything that a life of an owner appended is durable up to the position. Within the thread's turn.</summary>
    void Persisted(int journal, ReplicaId incarnation, long position);

    /// <summary>
    /// Has an owner write an image of its state, so that what lies before can go. Within the thread's turn. Where it cannot now, the log is
    /// told why (<see cref="CommitLog.CannotSnapshot"/>).
    /// </summary>
    void WriteImage(int journal);

    /// <summary>Tells every owner that is there.</summary>
    void TellAll(object message);
}
