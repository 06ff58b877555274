namespace Gossipdb.Replication.Hosting;

/// <summary>What a node has of a partition.</summary>
public enum HostState
{
    /// <summary>
    /// The node's journal is being read. Nothing is decided, because what the journal holds of the partition is not known yet.
    /// </summary>
    Reading,

    /// <summary>Nothing.</summary>
    Closed,

    /// <summary>A replica, in service or on its way into it.</summary>
    Open,

    /// <summary>A replica that was given up, until the journal holds the record that says so.</summary>
    Dropping,
}
