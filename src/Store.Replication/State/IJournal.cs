namespace Gossipdb.Replication.State;

/// <summary>The journal, as a partition's state appends to it. Records reach the disk in the order they were appended.</summary>
internal interface IJournal
{
    /// <summary>
    /// Appends an event. The host answers with <c>Persisted</c> once the event and everything before it is durable. It does so soon where
    /// somebody waits (<paramref name="awaited"/>), and otherwise when it suits. The event is lent for the call; its bytes may be kept.
    /// </summary>
    void Append(ReplicaEvent applied, long position, bool awaited);

    /// <summary>
    /// Appends a record that is not an event, by the same rules and in the same order. The first byte of every record, also of an event's,
    /// says what it is. Recovery takes them all back.
    /// </summary>
    void AppendRecord(byte[] record, long position, bool awaited);
}
