using Google.Protobuf.Collections;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Admin;

/// <summary>From the contract's messages to the records operators see.</summary>
internal static class AdminCodec
{
    public static ClusterDescription Description(Wire.ClusterDescription wire) => new()
    {
        Node = (int)wire.Node,
        Partitions = (int)wire.Partitions,
        Replication = (int)wire.Replication,
        LayoutVersion = (long)wire.LayoutVersion,
        Nodes = [.. wire.Nodes.Select(static node => new NodeDescription
        {
            Id = (int)node.Id,
            Endpoint = node.Endpoint,
            Reachable = node.Reachable,
        })],
        Owners = [.. wire.Owners.Select(static list => Nodes(list.Nodes))],
        MaxKeyBytes = (int)wire.MaxKeyBytes,
        MaxValueBytes = (int)wire.MaxValueBytes,
        MaxBatch = (int)wire.MaxBatch,
        DataPort = (int)wire.DataPort,
    };

    public static NodeStatus Status(Wire.NodeStatus wire) => new()
    {
        Node = (int)wire.Node,
        ProcessId = wire.ProcessId,
        Version = wire.Version,
        Uptime = TimeSpan.FromMilliseconds(wire.UptimeMs),
        Ready = wire.Ready,
        RefusingWrites = wire.RefusingWrites,
        Trouble = wire.Trouble,
        Peers = [.. wire.Peers.Select(Peer)],
        Partitions = [.. wire.Partitions.Select(Partition)],
        Cuts = Nodes(wire.Cuts),
        FaultInjection = wire.FaultInjection,
        Faults = FaultCodec.FromWire(wire.Faults),
        Cluster = Description(wire.Cluster ?? new()),
        Journal = wire.Journal is { } journal ? Journal(journal) : new(),
        Calls = [.. wire.Calls.Select(Calls)],
        Runtime = wire.Runtime is { } runtime ? Runtime(runtime) : new(),
        Conflicts = [.. wire.Conflicts],
        Commits = Commits(wire.Commits ?? new()),
        InFlightBytes = wire.InFlightBytes,
        MaxInFlightBytes = wire.MaxInFlightBytes,
        Certificates =
        [
            .. wire.Certificates.Select(static one => new CertificateStatus(
                one.Setting, one.Subject, DateTimeOffset.FromUnixTimeMilliseconds(one.EndsUnixMs))),
        ],
        UnreadAnswerBytes = wire.UnreadAnswerBytes,
        MaxUnreadAnswerBytes = wire.MaxUnreadAnswerBytes,
        ReadsWithoutRoom = wire.ReadsWithoutRoom,
        EndedSlowReaders = wire.EndedSlowReaders,
        FrameClients = wire.FrameClients,
        MaxFrameClients = wire.MaxFrameClients,
        Traces = wire.Traces is { } traces ? new() { Spans = traces.Spans, MaxSpans = traces.MaxSpans, Untraced = traces.Untraced } : null,
        RepairBytesSent = wire.RepairBytesSent,
        RepairBytesPerSecond = wire.RepairBytesPerSecond,
        HeldBytes = wire.HeldBytes,
        HeldChanges = wire.HeldChanges,
        StandsInFor = wire.StandsInFor,
        Unanswered = [.. wire.Unanswered],
        ClockAhead = wire.HasClockAheadMs ? TimeSpan.FromMilliseconds(wire.ClockAheadMs) : null,
        ClockUncertainty = TimeSpan.FromMilliseconds(wire.ClockUncertaintyMs),
        Doors = Doors(wire.Doors ?? new()),
        RefusedPeers = wire.RefusedPeers,
        LastRefusedPeer = wire.LastRefusedPeer,
        PeersKnownBy = wire.PeersKnownBy,
    };

    private static CommitCounts Commits(Wire.CommitCounts wire) => new()
    {
        Commits = wire.Commits,
        Events = wire.Events,
        Bytes = wire.Bytes,
        Time = TimeSpan.FromMicroseconds(wire.Microseconds),
        Longest = TimeSpan.FromMicroseconds(wire.LongestUs),
    };

    private static DoorStatus Doors(Wire.DoorStatus wire) => new()
    {
        Connections = wire.Connections,
        MaxConnections = wire.MaxConnections,
        Unknown = wire.Unknown,
        MaxOfAddress = wire.MaxOfAddress,
        RefusedInAll = wire.RefusedInAll,
        RefusedOfAddress = wire.RefusedOfAddress,
        Silent = wire.Silent,
        SlowFrames = wire.SlowFrames,
        ReceivingBytes = wire.ReceivingBytes,
        MaxReceivingBytes = wire.MaxReceivingBytes,
        RefusedRequests = wire.RefusedRequests,
        LostAuditLines = wire.LostAuditLines,
    };

    private static CallCounts Calls(Wire.CallCounts wire) => new()
    {
        Level = wire.Level,
        IsWrite = wire.Write,
        Done = wire.Done,
        Failures = wire.Failures.ToDictionary(static one => one.Code.ToString(), static one => one.Count),
        Latencies = [.. wire.Latencies],
    };

    private static RuntimeStatus Runtime(Wire.RuntimeStatus wire) => new()
    {
        ResidentBytes = wire.ResidentBytes,
        HeapBytes = wire.HeapBytes,
        Paused = TimeSpan.FromMicroseconds(wire.PausedUs),
        FullCollections = wire.FullCollections,
        ProcessorTime = TimeSpan.FromMilliseconds(wire.ProcessorMs),
    };

    public static Inspection Inspection(Wire.InspectReply wire) => new()
    {
        Node = (int)wire.Node,
        Partition = (int)wire.Partition,
        Owner = wire.Owner,
        Replica = wire.Replica,
        Clock = Clock(wire.Clock),
        Objects = [.. wire.Objects.Select(static found => new InspectedObject
        {
            Type = ValueCodec.TypeOf(found.Type),
            Answers = found.Answers,
            Visible = found.Visible,
            Lines = [.. found.Lines],
            LastChange = Entries(found.LastChange),
            Created = Moments.OfUnixMs(found.CreatedUnixMs),
        })],
        ExpiresAt = LifetimeCodec.Until(wire.ExpiresAtUnixMs),
        Owners = Nodes(wire.Owners),
    };

    public static ClusterLayout Layout(Wire.LayoutReply wire) => new()
    {
        Version = (long)wire.Version,
        Partitions = (int)wire.Partitions,
        Replication = (int)wire.Replication,
        Members = [.. wire.Members.Select(Member)],
        Staged = wire.Staged ? [.. wire.StagedMembers.Select(Member)] : null,
        StagedMoves = (int)wire.StagedMoves,
        Lost = [.. wire.Lost.Select(static lost => new LostMember((int)lost.Node, lost.AcceptsLoss))],
        StagedLost = [.. wire.StagedLost.Select(static lost => new LostMember((int)lost.Node, lost.AcceptsLoss))],
    };

    public static Wire.LayoutMember ToWire(LayoutMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return new()
        {
            Id = (uint)member.Id,
            PeerHost = member.PeerHost,
            PeerPort = (uint)member.PeerPort,
            ClientEndpoint = member.ClientEndpoint,
            Capacity = (uint)member.Capacity,
            Zone = member.Zone,
        };
    }

    private static LayoutMember Member(Wire.LayoutMember wire) => new()
    {
        Id = (int)wire.Id,
        PeerHost = wire.PeerHost,
        PeerPort = (int)wire.PeerPort,
        ClientEndpoint = wire.ClientEndpoint,
        Capacity = (int)wire.Capacity,
        Zone = wire.Zone,
        Slots = (int)wire.Slots,
    };

    public static int[] Nodes(RepeatedField<uint> nodes) => [.. nodes.Select(static node => (int)node)];

    private static PeerStatus Peer(Wire.PeerStatus wire) => new()
    {
        Node = (int)wire.Node,
        Reachable = wire.Reachable,
        LastHeardAgo = wire.LastHeardMsAgo < 0 ? null : TimeSpan.FromMilliseconds(wire.LastHeardMsAgo),
        BytesSent = wire.BytesSent,
        BytesReceived = wire.BytesReceived,
        MessagesDropped = wire.MessagesDropped,
        RefusingWrites = wire.RefusingWrites,
        ClockAhead = wire.HasClockAheadMs ? TimeSpan.FromMilliseconds(wire.ClockAheadMs) : null,
        ClockUncertainty = TimeSpan.FromMilliseconds(wire.ClockUncertaintyMs),
        RoundTrip = wire.HasRoundTripMs ? TimeSpan.FromMilliseconds(wire.RoundTripMs) : null,
        WaitingBytes = wire.WaitingBytes,
        MaxWaitingBytes = wire.MaxWaitingBytes,
        UnconfirmedBytes = wire.UnconfirmedBytes,
        WindowBytes = wire.WindowBytes,
        UnhandledBytes = wire.UnhandledBytes,
        DelayedBytes = wire.DelayedBytes,
        MaxDelayedBytes = wire.MaxDelayedBytes,
    };

    private static PartitionStatus Partition(Wire.PartitionStatus wire) => new()
    {
        Partition = (int)wire.Partition,
        Replica = wire.Replica,
        Applied = Clock(wire.Applied),
        Durable = Clock(wire.Durable),
        Keys = wire.Keys,
        LogBytes = wire.LogBytes,
        Parked = wire.Parked,
        NotServing = wire.NotServing,
        CollectionWaitsFor = wire.CollectionWaitsFor == 0 ? null : (int)wire.CollectionWaitsFor,
        CollectionWaits = wire.HasCollectionWaitsMs ? TimeSpan.FromMilliseconds(wire.CollectionWaitsMs) : null,
        DroppedKeys = wire.DroppedKeys,
        RetiredReplicas = wire.RetiredReplicas,
        Moving = wire.Moving,
        TransferredSlices = wire.TransferredSlices,
        IsRepairGivenUp = wire.RepairGivenUp,
        Slots = [.. wire.Slots.Select(static slot => new SlotStatus((int)slot.Node, slot.Epoch, slot.Held))],
        Contradiction = wire.Contradiction,
        Contradicting = Nodes(wire.Contradicting),
        Damage = wire.Damage is { } damage
            ? new PartitionDamage { What = damage.What, Waiting = damage.Waiting, Applied = damage.Applied, Lost = damage.Lost }
            : null,
        ComparedAgo = wire.HasComparedMsAgo ? TimeSpan.FromMilliseconds(wire.ComparedMsAgo) : null,
        Digest = wire.Digest.Memory,
        Lags = [.. wire.Lags.Select(static lag => new ReplicaLag
        {
            Node = (int)lag.Node,
            MissingChanges = lag.MissingChanges < 0 ? null : lag.MissingChanges,
            Behind = TimeSpan.FromMilliseconds(lag.BehindMs),
        })],
    };

    /// <summary>What became of the partitions whose repair was asked for.</summary>
    public static IReadOnlyList<PartitionRepair> Repairs(Wire.RepairReply wire) =>
        [.. wire.Partitions.Select(static one => new PartitionRepair((int)one.Partition, one.Refused))];

    public static JournalReport Report(Wire.JournalReport wire) => new()
    {
        Status = Journal(wire.Status),
        LimitBytes = wire.LimitBytes,
        LiveBytes = wire.LiveBytes,
        FirstRecord = wire.FirstRecord,
        LastRecord = wire.LastRecord,
        DiskBytes = wire.DiskBytes,
        FreeBytes = wire.HasFreeBytes ? wire.FreeBytes : null,
        Images = wire.Images,
        LastImage = wire.LastImageUnixMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(wire.LastImageUnixMs) : null,
        WrittenBytes = wire.WrittenBytes,
        ImageBytes = wire.ImageBytes,
        Oldest =
        [
            .. wire.Oldest.Select(static holder => new JournalHolder
            {
                Partition = (int)holder.Partition,
                IsStandIn = holder.IsStandIn,
                NeededFrom = holder.NeededFrom,
                Bytes = holder.Bytes,
                Because = holder.Because,
            }),
        ],
    };

    private static JournalStatus Journal(Wire.JournalStatus journal) => new()
    {
        Commits = journal.Commits,
        Bytes = journal.Bytes,
        Events = journal.Events,
        Path = journal.Path,
        WaitingBytes = journal.WaitingBytes,
        MaxWaitingBytes = journal.MaxWaitingBytes,
        HighestWaitingBytes = journal.HighestWaitingBytes,
        HeldBack = journal.HeldBack is { } held
            ? new JournalHold { Partition = (int)held.Partition, IsStandIn = held.IsStandIn, Because = held.Because }
            : null,
        Damage = journal.Damage is { } damage ? new JournalDamage { Found = damage.Found, First = [.. damage.First] } : null,
        Scrub = journal.Scrub is { } scrub ? Scrub(scrub) : new(),
    };

    private static ScrubStatus Scrub(Wire.ScrubPasses wire) => new()
    {
        LastEnd = wire.LastEndUnixMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(wire.LastEndUnixMs),
        LastRecords = wire.LastRecords,
        LastBytes = wire.LastBytes,
        Bytes = wire.Bytes,
        Found = wire.Found,
    };

    private static ClockEntry[] Clock(Wire.Clock? clock) => clock is null ? [] : Entries(clock.Entries);

    private static ClockEntry[] Entries(RepeatedField<Wire.VectorEntry> entries) =>
        [.. entries.Select(static entry => new ClockEntry(entry.Replica, entry.Sequence))];
}
