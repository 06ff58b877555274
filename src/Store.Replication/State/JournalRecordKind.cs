namespace Gossipdb.Replication.State;

/// <summary>What a record of a partition's journal is: its first byte.</summary>
public enum JournalRecordKind : byte
{
    /// <summary>An applied event (its encoding's version byte).</summary>
    Event = ReplicaEvent.EncodingVersion,

    /// <summary>A slice of an image that is being staged.</summary>
    ImageSlice = 2,

    /// <summary>The end of an image: from here on its slices are part of the state.</summary>
    ImageJoin = 3,

    /// <summary>Who holds the partition's slots: what this node seals and takes up, and what it heard of others.</summary>
    Slots = 4,

    /// <summary>An event a stand-in holds. Stand-ins have a journal of their own beside the partition's.</summary>
    Held = 5,

    /// <summary>All that a stand-in holds: what it has written before is void.</summary>
    HeldAll = 6,

    /// <summary>The replica has served: an empty state from here on is not a lost one.</summary>
    Served = 8,

    /// <summary>The node has given up the partition: everything before is void.</summary>
    Dropped = 9,
}
