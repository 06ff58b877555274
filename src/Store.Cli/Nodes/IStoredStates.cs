namespace Gossipdb.Cli.Nodes;

/// <summary>What the executable knows of states as nodes keep them. The command line only carries them.</summary>
public interface IStoredStates
{
    /// <summary>What a reader sees of an object of a backup: a <c>Value</c> of <c>gossipdb.proto</c>.</summary>
    /// <param name="parts">The object's states, in order: one, or the parts of a large one.</param>
    /// <exception cref="FormatException">They are no states that this version knows.</exception>
    byte[] ValueOf(IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>
    /// What the keys of stopped nodes' data directories held, by their journals. The journals stay as they are. Of a partition that several
    /// have, the one with more changes counts.
    /// </summary>
    /// <param name="directories">The data directories, or copies of them.</param>
    /// <param name="until">Without changes after this; null: all there is.</param>
    /// <param name="tell">Is told, line by line, how far a journal reaches.</param>
    /// <exception cref="IOException">A journal cannot be read, or reaches back only to a later time: the message says to which.</exception>
    IEnumerable<JournaledObject> ReadJournals(IReadOnlyList<string> directories, DateTimeOffset? until, Action<string> tell);
}

/// <summary>One object of a key, or a part of a large one, as a journal held it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">The number of its type: <c>ValueType</c> of <c>gossipdb.proto</c>.</param>
/// <param name="State">Its state, encoded.</param>
/// <param name="ExpiresAtMs">Until when the key lives, in Unix milliseconds; null: for ever.</param>
/// <param name="Continues">True where it is a further object, or part, of the key before.</param>
public readonly record struct JournaledObject(ReadOnlyMemory<byte> Key, int Type, byte[] State, long? ExpiresAtMs, bool Continues);
