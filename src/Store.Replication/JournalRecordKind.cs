namespace Gossipdb.Replication;

/// <summary>What a record of a partition's journal is: its first byte.</summary>
public enum JournalRecordKind : byte
{
    /// <summary>An applied event (its encoding's version byte).</summary>
    Event = ReplicaEvent.EncodingVersion,

    /// <summary>A slice of an image that is being staged.</summary>
    ImageSlice = 2,

    /// <summary>The end of an image: from here on its slices are part of the state.</summary>
    ImageJoin = 3,

    /// <summary>An event a stand-in holds.</summary>
    Held = 5,

    /// <summary>A stand-in's promise, made when its own state was empty.</summary>
    Promise = 6,
}
