using Gossipdb.Client;

namespace Gossipdb.Cli.Nodes;

/// <summary>What the executable knows of states as nodes keep them. The command line only carries them.</summary>
public interface IStoredStates
{
    /// <summary>What a reader sees of an object of a backup.</summary>
    /// <param name="parts">The object's states, in order: one, or the parts of a large one.</param>
    /// <exception cref="FormatException">They are no states that this version knows.</exception>
    StoredValue ValueOf(IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>What the keys of a stopped node's data directory held, by its journal. The journal stays as it is.</summary>
    /// <param name="directory">The data directory, or a copy of it.</param>
    /// <param name="until">Without changes after this; null: all there is.</param>
    /// <param name="tell">Is told, line by line, how far the journal reaches.</param>
    /// <exception cref="IOException">
    /// The journal cannot be read, or reaches back only to a later time: the message says to which.
    /// </exception>
    IEnumerable<BackupEntry> ReadJournal(string directory, DateTimeOffset? until, Action<string> tell);
}
