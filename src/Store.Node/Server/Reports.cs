using System.Reflection;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>What a node says of itself as a whole to operators and clients, as messages of the contract.</summary>
internal sealed class Reports(
    NodeSettings settings,
    NodeCertificates certificates,
    PartitionEnvironment environment,
    PartitionDirectory partitions,
    AddressBook addresses,
    Admission admission,
    DataPort port,
    DataConnections connections,
    Doors doors,
    Node.Journal.JournalDamage damage,
    PeerRefusals refusals,
    Faults.NodeFaults faults)
{
    private static readonly string Version =
        typeof(Reports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "unknown";

    /// <summary>Who is in the cluster and who owns what.</summary>
    public ClusterDescription Describe()
    {
        var placement = partitions.Placement;
        var time = environment.Clock.ClusterTime;
        var description = new ClusterDescription
        {
            Node = (uint)settings.Id.Value,
            Partitions = (uint)placement.Layout.Partitions,
            Replication = (uint)placement.Layout.Replication,
            LayoutVersion = (ulong)placement.Layout.Version,
            MaxKeyBytes = (uint)settings.MaxKeyBytes,
            MaxValueBytes = (uint)settings.MaxValueBytes,
            MaxBatch = (uint)settings.MaxBatch,
            DataPort = (uint)port.Port,
            NowUnixMs = time.UnixMs,
            NowIsKnown = time.IsKnown,
        };

        // Nodes that are not in the layout any more, or not yet, may hold something all the same.
        var named = new SortedSet<NodeId>(placement.Layout.Nodes) { settings.Id };
        for (var partition = 0; partition < partitions.Count; partition++) named.UnionWith(partitions.HoldersKnownOf(partition) ?? []);
        foreach (var id in named)
        {
            if (addresses.Find(id) is not { } address) continue;
            description.Nodes.Add(new NodeDescription
            {
                Id = (uint)id.Value,
                Endpoint = address.ClientEndpoint,
                Reachable = placement.IsReachable(id),
            });
        }

        for (var partition = 0; partition < placement.Layout.Partitions; partition++)
        {
            var list = new PreferenceList();
            foreach (var owner in placement.PreferenceList(partition)) list.Nodes.Add((uint)owner.Value);
            description.Owners.Add(list);
        }

        return description;
    }

    /// <summary>The node as a whole; peers, partitions and journal are added by who asks them.</summary>
    public NodeStatus Node()
    {
        var status = new NodeStatus
        {
            Node = (uint)settings.Id.Value,
            ProcessId = Environment.ProcessId,
            Version = Version,
            UptimeMs = environment.Clock.UptimeMs,
            Ready = environment.Health.IsReady,
            RefusingWrites = environment.Health.RefusesWrites,
            Trouble = environment.Health.Trouble,
            FaultInjection = settings.Lab.FaultInjection,
            Faults = WireFaults.ToWire(faults.Current),
            Cluster = Describe(),
            InFlightBytes = admission.InFlightBytes,
            MaxInFlightBytes = settings.MaxInFlightBytes,
            UnreadAnswerBytes = admission.Answers.Bytes,
            MaxUnreadAnswerBytes = admission.Answers.MaxBytes,
            ReadsWithoutRoom = admission.Answers.Deferred,
            EndedSlowReaders = admission.Answers.Ended,
            FrameClients = connections.Clients,
            MaxFrameClients = settings.MaxFrameClients,
            RepairBytesSent = environment.RepairBudget.Total,
            Commits = Commits(),
            RepairBytesPerSecond = environment.RepairBudget.Rate,
            HeldBytes = environment.FallbackLoad.HeldBytes,
            HeldChanges = environment.FallbackLoad.HeldChanges,
            StandsInFor = environment.FallbackLoad.Coordinating,
            Doors = doors.Status(),
            RefusedPeers = refusals.Count,
            LastRefusedPeer = refusals.Last ?? string.Empty,
            Runtime = Runtime(),
            PeersKnownBy = (settings.Tls, settings.SecretFile) switch
            {
                (null, null) => string.Empty,
                (_, null) => "certificates",
                (null, _) => "secret",
                _ => "certificates+secret",
            },
        };
        if (environment.Traces is { IsOn: true } traces)
            status.Traces = new TraceStatus { Spans = traces.Spans, MaxSpans = traces.MaxSpans, Untraced = traces.Untraced };
        if (environment.Clock.ClusterTime is { IsKnown: true } time)
            (status.ClockAheadMs, status.ClockUncertaintyMs) = (environment.Clock.OffsetMs, time.UncertaintyMs);
        foreach (var (key, certificate) in certificates.IsOn ? certificates.Current.All : [])
        {
            status.Certificates.Add(new CertificateStatus
            {
                Setting = key,
                Subject = certificate.Subject,
                EndsUnixMs = new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds(),
            });
        }

        status.Cuts.AddRange(faults.Current.CutsAt(settings.Id).Select(static cut => (uint)cut.Value));
        return status;
    }

    private static RuntimeStatus Runtime() => new()
    {
        ResidentBytes = Environment.WorkingSet,
        HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
        PausedUs = (long)GC.GetTotalPauseDuration().TotalMicroseconds,
        FullCollections = GC.CollectionCount(GC.MaxGeneration),
        ProcessorMs = (long)Environment.CpuUsage.TotalTime.TotalMilliseconds,
    };

    private CommitCounts Commits()
    {
        var all = environment.Journal.Commits.Read();
        return new CommitCounts
        {
            Commits = all.Commits,
            Events = all.Events,
            Bytes = all.Bytes,
            Microseconds = all.Microseconds,
            LongestUs = all.LongestUs,
        };
    }

    /// <summary>A link.</summary>
    public static PeerStatus Peer(LinkStatus link)
    {
        var status = new PeerStatus
        {
            Node = (uint)link.Node.Value,
            Reachable = link.Reachable,
            LastHeardMsAgo = link.LastHeardMsAgo,
            BytesSent = link.BytesSent,
            BytesReceived = link.BytesReceived,
            MessagesDropped = link.MessagesDropped,
            RefusingWrites = link.RefusingWrites,
            WaitingBytes = link.WaitingBytes,
            MaxWaitingBytes = link.MaxWaitingBytes,
            UnconfirmedBytes = link.UnconfirmedBytes,
            WindowBytes = link.WindowBytes,
            UnhandledBytes = link.UnhandledBytes,
            DelayedBytes = link.DelayedBytes,
            MaxDelayedBytes = link.MaxDelayedBytes,
        };
        if (link.RoundTripMs is { } roundTrip) status.RoundTripMs = roundTrip;
        if (link.Clock is var (ahead, uncertainty)) (status.ClockAheadMs, status.ClockUncertaintyMs) = (ahead, uncertainty);
        return status;
    }

    /// <summary>What the journal takes of the disk.</summary>
    public JournalReport Room(JournalRoom room, ScrubStatus? scrub)
    {
        var report = new JournalReport
        {
            Status = Journal(room.Status, scrub),
            LimitBytes = room.Limit,
            LiveBytes = room.LiveBytes,
            FirstRecord = room.Status.FirstRecord,
            LastRecord = room.LastRecord,
            DiskBytes = room.DiskBytes,
            Images = room.Images,
            LastImageUnixMs = room.LastImageUnixMs,
            WrittenBytes = room.WrittenBytes,
            ImageBytes = room.ImageBytes,
        };
        if (room.FreeBytes is { } free) report.FreeBytes = free;
        foreach (var holder in room.Oldest)
        {
            report.Oldest.Add(new JournalHolder
            {
                Partition = (uint)(holder.Journal % partitions.Count),
                IsStandIn = holder.Journal >= partitions.Count,
                NeededFrom = holder.NeededFrom,
                Bytes = holder.Bytes,
                Because = holder.Because ?? string.Empty,
            });
        }

        return report;
    }

    /// <summary>The journal.</summary>
    public Protocol.JournalStatus Journal(Node.Journal.JournalStatus journal, ScrubStatus? scrub)
    {
        var status = new Protocol.JournalStatus
        {
            Path = journal.Path,
            Commits = journal.Commits,
            Events = journal.Events,
            Bytes = journal.Bytes,
            WaitingBytes = journal.WaitingBytes,
            MaxWaitingBytes = journal.MaxWaitingBytes,
            HighestWaitingBytes = journal.HighestWaitingBytes,
        };
        if (journal.HeldBack is var (owner, because))
            status.HeldBack = new JournalHold
            {
                Partition = (uint)(owner % partitions.Count),
                IsStandIn = owner >= partitions.Count,
                Because = because,
            };
        if (damage.Now is ( > 0, var first))
        {
            status.Damage = new Protocol.JournalDamage { Found = damage.Now.Count };
            status.Damage.First.AddRange(first);
        }

        if (scrub is not null)
        {
            status.Scrub = new ScrubPasses
            {
                LastEndUnixMs = scrub.LastEndUnixMs,
                LastRecords = scrub.LastRecords,
                LastBytes = scrub.LastBytes,
                Bytes = scrub.Bytes,
                Found = scrub.Found,
            };
        }

        return status;
    }
}
