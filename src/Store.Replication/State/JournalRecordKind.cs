namespace Gossipdb.Replication.State;

/// <summary>What a record of a partition's journal is: its first byte.</summary>
public enum JournalRecordKind : byte
{
    /// <summary>An applied event. The byte is the version byte of its encoding.</summary>
    Event = ReplicaEvent.EncodingVersion,

    /// <summary>A slice of an image that is being staged.</summary>
    ImageSlice = 2,

    /// <summary>The end of an image. From here on its slices are part of the state.</summary>
    ImageJoin = 3,

    /// <summary>The holders of the partition's slots: what this node sealed and took up, and what it heard of others.</summary>
    Slots = 4,

    /// <summary>An event that a fallback node holds. Fallback nodes have a journal of their own beside the partition's.</summary>
    Held = 5,

    /// <summary>All that a fallback node holds. What it has written before is void.</summary>
    HeldAll = 6,

    /// <summary>The replica has served. So an empty state from here on is not a lost one.</summary>
    Served = 8,

    /// <summary>The node has given up the partition. Everything before is void.</summary>
    Dropped = 9,

    /// <summary>
    /// What stands before is not whole: something of it was damaged or is missing. An image of the whole state and a
    /// <see cref="Served"/> behind it make it whole again.
    /// </summary>
    Damaged = 10,
}
