namespace Gossipdb.Replication.State;

/// <summary>The journal, as a partition's state appends to it. Records reach the disk in the order they were appended.</summary>
internal interface IJournal
{
    /// <summary>
    /// Appends an event. Answer with <c>Persisted</c> once it and everything before it is durable: soon where somebody waits for it
    /// (<paramref name="awaited"/>), else when it suits.
    /// </summary>
    void Append(ReplicaEvent applied, long position, bool awaited);

    /// <summary>
    /// Appends a record that is not an event, by the same rules and in the same order. Every record, an event's included, says by its
    /// first byte what it is; recovery takes them all back.
    /// </summary>
    void AppendRecord(byte[] record, long position, bool awaited);
}
