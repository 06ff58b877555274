namespace Gossipdb.Client;

/// <summary>What a node says of itself.</summary>
public sealed record NodeStatus
{
    /// <summary>The node's id.</summary>
    public int Node { get; init; }

    /// <summary>The id of its process.</summary>
    public int ProcessId { get; init; }

    /// <summary>The version of the software.</summary>
    public string Version { get; init; } = "";

    /// <summary>How long the process has been running.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Whether the node serves clients.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether its journal has failed, so that it refuses writes.</summary>
    public bool RefusingWrites { get; init; }

    /// <summary>Why it is not ready or refuses writes; empty where all is well.</summary>
    public string Trouble { get; init; } = "";

    /// <summary>Its links to the other nodes.</summary>
    public IReadOnlyList<PeerStatus> Peers { get; init; } = [];

    /// <summary>The partitions it owns.</summary>
    public IReadOnlyList<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>The nodes its links are cut to, for an experiment.</summary>
    public IReadOnlyList<int> Cuts { get; init; } = [];

    /// <summary>Whether its links may be cut.</summary>
    public bool FaultInjection { get; init; }

    /// <summary>The cluster as it sees it.</summary>
    public ClusterDescription Cluster { get; init; } = new();

    /// <summary>Its journal.</summary>
    public JournalStatus Journal { get; init; } = new();

    /// <summary>Keys that hold more than one type after a merge; at most 100. Bytes that are not UTF-8 are escaped: <see cref="Bytes.FromEscaped"/> reads them.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Bytes of requests it is working on.</summary>
    public long InFlightBytes { get; init; }

    /// <summary>Bytes of repair sent since it started: events and images that others lacked, hand-overs included.</summary>
    public long RepairBytesSent { get; init; }

    /// <summary>Bytes of repair a second, over the last second or two.</summary>
    public long RepairBytesPerSecond { get; init; }

    /// <summary>The bytes the node holds of partitions it stands in for: what some owner, out of reach or just back, does not have on disk yet.</summary>
    public long HeldBytes { get; init; }

    /// <summary>How many partitions the node could serve by itself, in sloppy calls, while no owner is within reach: it has heard what is stable since it started.</summary>
    public int StandsInFor { get; init; }
}

/// <summary>A node's link to another one.</summary>
public sealed record PeerStatus
{
    /// <summary>The other node's id.</summary>
    public int Node { get; init; }

    /// <summary>Whether the other node is heard.</summary>
    public bool Reachable { get; init; }

    /// <summary>How long ago it was last heard; null: never.</summary>
    public TimeSpan? LastHeardAgo { get; init; }

    /// <summary>Bytes sent to it.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes received from it.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Messages dropped past the link's window or while it was unreachable; gossip repairs what they carried.</summary>
    public long MessagesDropped { get; init; }
}

/// <summary>A node's journal.</summary>
public sealed record JournalStatus
{
    /// <summary>Group commits made.</summary>
    public long Commits { get; init; }

    /// <summary>Bytes written.</summary>
    public long Bytes { get; init; }

    /// <summary>Events written.</summary>
    public long Events { get; init; }

    /// <summary>Where it is kept.</summary>
    public string Path { get; init; } = "";
}
