using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Who the journal's records are of. Each owner has a number: the partitions come first, and behind them, in the same order, their
/// fallbacks, which have a journal each.
/// </summary>
internal interface IJournalOwners
{
    /// <summary>Hands over a record of the journal, in the order they were appended.</summary>
    /// <exception cref="CorruptDataException">Nobody can take it.</exception>
    void Recover(int journal, byte[] record);

    /// <summary>The journal has been read to its end.</summary>
    void JournalRead();

    /// <summary>An owner, in words for people.</summary>
    string NameOf(int journal);

    /// <summary>Everything that a life of an owner appended is durable up to the position. Within the thread's turn.</summary>
    void Persisted(int journal, ReplicaId incarnation, long position);

    /// <summary>Tells an owner, where it is there.</summary>
    void Tell(int journal, object message);

    /// <summary>Tells every owner that is there.</summary>
    void TellAll(object message);
}
