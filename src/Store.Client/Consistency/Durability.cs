namespace Gossipdb.Client;

/// <summary>What must have happened at a replica before it counts towards a write.</summary>
public enum Durability
{
    /// <summary>The write would survive the replica's process being killed.</summary>
    Journal,

    /// <summary>A read at the replica would show the write. It is journaled too; the ack does not wait for that.</summary>
    Memory,
}
