using Gossipdb.Client.Admin;

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

    /// <summary>The certificates it speaks TLS with, its own first; none where it speaks plain.</summary>
    public IReadOnlyList<CertificateStatus> Certificates { get; init; } = [];

    /// <summary>Its links to the other nodes.</summary>
    public IReadOnlyList<PeerStatus> Peers { get; init; } = [];

    /// <summary>The partitions it owns.</summary>
    public IReadOnlyList<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>The nodes to which its link is cut, in either direction, for an experiment.</summary>
    public IReadOnlyList<int> Cuts { get; init; } = [];

    /// <summary>Whether it can be told faults, for an experiment.</summary>
    public bool FaultInjection { get; init; }

    /// <summary>The faults in force in the cluster, as this node was told last; a clock's offset is what it is by now.</summary>
    public FaultSet Faults { get; init; } = FaultSet.None;

    /// <summary>The cluster as it sees it.</summary>
    public ClusterDescription Cluster { get; init; } = new();

    /// <summary>Its journal.</summary>
    public JournalStatus Journal { get; init; } = new();

    /// <summary>What clients have asked of it since it started, at each level that was used.</summary>
    public IReadOnlyList<CallCounts> Calls { get; init; } = [];

    /// <summary>What its process takes of the machine.</summary>
    public RuntimeStatus Runtime { get; init; } = new();

    /// <summary>What the commits of its journal have taken since it started.</summary>
    public CommitCounts Commits { get; init; } = new();

    /// <summary>
    /// Keys that hold more than one type after a merge, and fields of maps that do, as "key / field"; at most 100. Bytes that are not
    /// UTF-8 are escaped:
    /// <see cref="Bytes.FromEscaped"/> reads them.
    /// </summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Bytes of requests it is working on.</summary>
    public long InFlightBytes { get; init; }

    /// <summary>Past so many bytes in flight a request is refused as overloaded.</summary>
    public long MaxInFlightBytes { get; init; }

    /// <summary>Bytes of large answers that were built, or are about to be, and that those who asked have not read.</summary>
    public long UnreadAnswerBytes { get; init; }

    /// <summary>Their limit.</summary>
    public long MaxUnreadAnswerBytes { get; init; }

    /// <summary>Reads that wait until some of those answers are read.</summary>
    public long ReadsWithoutRoom { get; init; }

    /// <summary>Calls, and connections to the data port, ended since the start because their client did not read.</summary>
    public long EndedSlowReaders { get; init; }

    /// <summary>Connections of clients to the node's data port.</summary>
    public int FrameClients { get; init; }

    /// <summary>Past so many of them the node hangs up on further ones, whose calls then travel over gRPC.</summary>
    public int MaxFrameClients { get; init; }

    /// <summary>The traces that the node takes part in; null where it sends none.</summary>
    public TraceStatus? Traces { get; init; }

    /// <summary>Bytes of repair sent since it started: events and images that others lacked, hand-overs included.</summary>
    public long RepairBytesSent { get; init; }

    /// <summary>Bytes of repair a second, over the last second or two.</summary>
    public long RepairBytesPerSecond { get; init; }

    /// <summary>
    /// The bytes the node holds of partitions it stands in for: what some owner, out of reach or just back, does not have on disk yet.
    /// </summary>
    public long HeldBytes { get; init; }

    /// <summary>How many changes that is; 0 too where the node is of a version that does not say.</summary>
    public long HeldChanges { get; init; }

    /// <summary>
    /// How many partitions the node could serve by itself, in sloppy calls, while no owner is within reach: it has heard what is stable
    /// since it started.
    /// </summary>
    public int StandsInFor { get; init; }

    /// <summary>
    /// Parts of the node that did not answer in time ("partition 3", "the journal"): the rest of this status is without them. Empty where
    /// all is well.
    /// </summary>
    public IReadOnlyList<string> Unanswered { get; init; } = [];

    /// <summary>
    /// How far the node's wall clock is ahead of the cluster's time, which is the median of all nodes' clocks; negative where it is
    /// behind, null where the cluster's time is not known there.
    /// </summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>How far <see cref="ClockAhead"/> may be off, either way.</summary>
    public TimeSpan ClockUncertainty { get; init; }

    /// <summary>Who is at the node's ports.</summary>
    public DoorStatus Doors { get; init; } = new();

    /// <summary>Callers that wanted to be taken for nodes and were not, since the node started.</summary>
    public long RefusedPeers { get; init; }

    /// <summary>The last of them, and why; empty where there was none.</summary>
    public string LastRefusedPeer { get; init; } = string.Empty;

    /// <summary>
    /// How nodes show each other who they are: <c>certificates</c>, <c>secret</c> or <c>certificates+secret</c>; empty where they do not.
    /// </summary>
    public string PeersKnownBy { get; init; } = string.Empty;

    /// <summary>Whether an earlier status is of the same process: what it has counted since its start can be compared.</summary>
    public bool IsSameProcessAs(NodeStatus earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return CallSum.IsSameProcess(
            earlier.ProcessId, (long)earlier.Uptime.TotalMilliseconds, ProcessId, (long)Uptime.TotalMilliseconds);
    }
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

    /// <summary>Messages dropped past the link's queue or while it was unreachable; gossip repairs what they carried.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Whether its journal takes nothing any more, as it said last: writes do without it.</summary>
    public bool RefusingWrites { get; init; }

    /// <summary>
    /// How far the other node's wall clock is ahead of this one's; negative where it is behind, null where that is not known.
    /// </summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>How far <see cref="ClockAhead"/> may be off, either way.</summary>
    public TimeSpan ClockUncertainty { get; init; }

    /// <summary>How long the way there and back takes, as heartbeats of late have shown; null where it is not known.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Bytes that wait for the link's window.</summary>
    public long WaitingBytes { get; init; }

    /// <summary>Their limit.</summary>
    public long MaxWaitingBytes { get; init; }

    /// <summary>Bytes sent that the other node has not handled yet.</summary>
    public long UnconfirmedBytes { get; init; }

    /// <summary>Their limit.</summary>
    public long WindowBytes { get; init; }

    /// <summary>Bytes received from it that are not handled yet, or not confirmed because the journal lags.</summary>
    public long UnhandledBytes { get; init; }

    /// <summary>Bytes under way to it that a fault delays, or lets pass only at a rate.</summary>
    public long DelayedBytes { get; init; }

    /// <summary>Their limit: past it the sender waits, as for a socket that is full. 0 where faults cannot be told.</summary>
    public long MaxDelayedBytes { get; init; }
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

    /// <summary>Bytes applied and not yet written.</summary>
    public long WaitingBytes { get; init; }

    /// <summary>Their limit: past it writes are refused as overloaded.</summary>
    public long MaxWaitingBytes { get; init; }

    /// <summary>The most that ever waited since the start.</summary>
    public long HighestWaitingBytes { get; init; }

    /// <summary>Who keeps the journal longer than it should be; null where nobody does.</summary>
    public JournalHold? HeldBack { get; init; }

    /// <summary>What of it was found damaged since the start; null where nothing was.</summary>
    public JournalDamage? Damage { get; init; }

    /// <summary>How far the scrub is, which reads all of it back every so often and compares the checksums.</summary>
    public ScrubStatus Scrub { get; init; } = new();
}

/// <summary>A partition that cannot write an image of its state: what the journal holds since its last one has to stay.</summary>
public sealed record JournalHold
{
    /// <summary>The partition.</summary>
    public int Partition { get; init; }

    /// <summary>True where it is what the node holds for absent owners, not its replica.</summary>
    public bool IsStandIn { get; init; }

    /// <summary>Why, in words for people.</summary>
    public string Because { get; init; } = string.Empty;
}
