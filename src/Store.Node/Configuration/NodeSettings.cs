using System.Globalization;
using System.Net;
using Akka.Configuration;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Configuration;

/// <summary>
/// A node's settings: the one class that knows what they mean. Every key stands with its default, unit and reason in hocon/reference.conf.
/// Whatever is missing, unknown or out of range fails here, naming the key.
/// </summary>
internal sealed partial class NodeSettings
{
    private readonly LayeredSettings _layers;
    private readonly Config _config;

    /// <summary>Reads what the layers say.</summary>
    /// <exception cref="ConfigurationProblem">They say something wrong.</exception>
    public NodeSettings(LayeredSettings layers)
    {
        _layers = layers;
        _config = layers.All;
        Id = new NodeId(Int("gossipdb.node.id", 1, 1_000_000));
        DataDirectory = Path.GetFullPath(Text("gossipdb.node.data-dir"));
        Host = Text("gossipdb.node.host");
        if (Host != "localhost" && !IPAddress.TryParse(Host, out _))
            throw Wrong("gossipdb.node.host", $"is '{Host}'; wanted is an IP address or localhost");
        ClientPort = Int("gossipdb.node.client-port", 1, 65_535);
        HttpPort = Int("gossipdb.node.http-port", 1, 65_535);
        PeerPort = Int("gossipdb.node.peer-port", 1, 65_535);
        if (HttpPort == ClientPort) throw Wrong("gossipdb.node.http-port", $"is {HttpPort}, the same as gossipdb.node.client-port");
        if (PeerPort == ClientPort || PeerPort == HttpPort)
            throw Wrong("gossipdb.node.peer-port", $"is {PeerPort}, the same as another port of this node");
        DataPort = Int("gossipdb.node.data-port", 0, 65_535);
        if (DataPort > 0 && (DataPort == ClientPort || DataPort == HttpPort || DataPort == PeerPort))
            throw Wrong("gossipdb.node.data-port", $"is {DataPort}, the same as another port of this node");
        Lanes = Int("gossipdb.node.lanes", 0, 1_024) is > 0 and var lanes ? lanes : Environment.ProcessorCount;
        StopWithParent = Flag("gossipdb.node.stop-with-parent");
        Dashboard = Flag("gossipdb.dashboard");
        Partitions = Int("gossipdb.cluster.partitions", 1, 65_536);
        Replication = Int("gossipdb.cluster.replication", 1, 64);
        Join = Flag("gossipdb.cluster.join");
        Nodes = ReadNodes();
        if (!Nodes.TryGetValue(Id, out var self)) throw Wrong("gossipdb.cluster.nodes", $"does not list this node, {Id}");
        if (self.PeerPort != PeerPort)
            throw Wrong("gossipdb.node.peer-port", $"is {PeerPort}, but gossipdb.cluster.nodes gives this node port {self.PeerPort}");
        if (Join && Nodes.Count < 2)
            throw Wrong("gossipdb.cluster.nodes", "lists only this node; to join a cluster it must list some that are in it");
        DefaultRead = Level("gossipdb.defaults.read");
        DefaultWrite = Level("gossipdb.defaults.write");
        RefuseMoreThanReplicas("gossipdb.defaults.read", DefaultRead);
        RefuseMoreThanReplicas("gossipdb.defaults.write", DefaultWrite);
        DefaultTimeoutMs = Milliseconds("gossipdb.defaults.timeout", 1);
        MaxTimeoutMs = Milliseconds("gossipdb.limits.timeout", 1);
        if (MaxTimeoutMs < DefaultTimeoutMs)
            throw Wrong("gossipdb.limits.timeout", $"is {MaxTimeoutMs} ms, less than gossipdb.defaults.timeout");
        MaxKeyBytes = Size("gossipdb.limits.key", 1, 65_536);
        MaxValueBytes = Size("gossipdb.limits.value", 1, 256 << 20);
        MaxBatch = Int("gossipdb.limits.batch", 1, 1_000_000);
        MaxInFlightBytes = Size("gossipdb.limits.in-flight", 1 << 16, int.MaxValue);
        if (MaxInFlightBytes < 2L * MaxValueBytes)
            throw Wrong("gossipdb.limits.in-flight", $"is {MaxInFlightBytes} bytes, less than twice gossipdb.limits.value");
        MaxAnswerBytes = Size("gossipdb.limits.answers", 1 << 16, int.MaxValue);
        if (MaxAnswerBytes < 2L * MaxValueBytes)
            throw Wrong("gossipdb.limits.answers", $"is {MaxAnswerBytes} bytes, less than twice gossipdb.limits.value");
        MaxAnswerBytesPerClient = Size("gossipdb.limits.answers-per-client", 1 << 12, MaxAnswerBytes);
        SlowReaderTimeoutMs = Milliseconds("gossipdb.limits.slow-reader-timeout", 100);
        MaxFrameClients = Int("gossipdb.limits.clients", 0, 1_000_000);
        Tick = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.replication.tick", 1));
        HeartbeatInterval = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.links.heartbeat-interval", 1));
        UnreachableAfterMs = Milliseconds("gossipdb.links.unreachable-after", 10);
        if (UnreachableAfterMs < 2 * HeartbeatInterval.TotalMilliseconds)
            throw Wrong(
                "gossipdb.links.unreachable-after", $"is {UnreachableAfterMs} ms, less than twice gossipdb.links.heartbeat-interval");
        EnvelopeBytes = Size("gossipdb.links.envelope", 1024, 256 << 20);
        WindowBytes = Size("gossipdb.links.window", 1024, int.MaxValue);
        FrameBytes = Size("gossipdb.links.frame", 64 << 10, 512 << 20);
        if (FrameBytes < 2L * MaxValueBytes)
            throw Wrong("gossipdb.links.frame", $"is {FrameBytes} bytes, less than twice gossipdb.limits.value");
        if (FrameBytes < 2L * EnvelopeBytes)
            throw Wrong("gossipdb.links.frame", $"is {FrameBytes} bytes, less than twice gossipdb.links.envelope");
        if (WindowBytes < 2L * EnvelopeBytes)
            throw Wrong("gossipdb.links.window", $"is {WindowBytes} bytes, less than twice gossipdb.links.envelope");
        LinkQueueBytes = Size("gossipdb.links.queue", 1024, int.MaxValue);
        if (LinkQueueBytes < MaxInFlightBytes + (MaxInFlightBytes / 4))
            throw Wrong("gossipdb.links.queue", $"is {LinkQueueBytes} bytes, less than gossipdb.limits.in-flight and a quarter");
        RecordBytes = Size("gossipdb.journal.record", 1024, 256 << 20);
        OutstandingRecords = Int("gossipdb.journal.outstanding", 1, 1_000);
        RecoveryPage = Int("gossipdb.journal.recovery-page", 1, 10_000);
        BusyTimeout = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.journal.busy-timeout", 1));
        ReadPatience = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.journal.read-patience", 1));
        JournalBacklogBytes = Size("gossipdb.journal.backlog", 1 << 16, int.MaxValue);
        JournalBytes = Size("gossipdb.journal.size", 1024, int.MaxValue);
        Server = ReadServer();
        ScrubInterval = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.scrub.interval", 1));
        ScrubBytesPerSecond = Size("gossipdb.scrub.rate", 1024, int.MaxValue);
        RepairBytesPerSecond = Size("gossipdb.replication.repair-rate", 1024, int.MaxValue);
        MaxMoves = Int("gossipdb.replication.moves", 1, 10_000);
        Lab = new(
            Flag("gossipdb.lab.fault-injection"),
            FileOf("gossipdb.lab.control-file"),
            Size("gossipdb.lab.link-buffer", 1 << 10, int.MaxValue),
            TimeSpan.FromMilliseconds(SignedMilliseconds("gossipdb.lab.clock-offset")));
        LogLevel = OneOf("gossipdb.log.level", "debug", "information", "warning", "error");
        LogToConsole = Flag("gossipdb.log.console");
        LogAsJson = OneOf("gossipdb.log.format", "text", "json") == "json";
        SilentAfter = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.health.silent-after", 1));
        DeadAfter = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.health.dead-after", 1));
        if (DeadAfter < SilentAfter)
            throw Wrong("gossipdb.health.dead-after", $"is {DeadAfter.TotalMilliseconds} ms, less than gossipdb.health.silent-after");
        Audit = ReadAudit();
        HotKeys = new(Flag("gossipdb.hot-keys.enabled"), Int("gossipdb.hot-keys.keys", 1, 16_384));
        Telemetry = ReadTelemetry();
        Connections = ReadConnections();
        LogFiles = Int("gossipdb.log.files", 1, 10_000);
        LogFileBytes = Size("gossipdb.log.file-size", 1 << 16, 1 << 30);
        Replica = new ReplicaSettings
        {
            GossipIntervalMs = Milliseconds("gossipdb.replication.gossip-interval", 1),
            FetchDelayMs = Milliseconds("gossipdb.replication.fetch-delay", 0),
            FetchTimeoutMs = Milliseconds("gossipdb.replication.fetch-timeout", 1),
            FetchMaxBytes = Size("gossipdb.replication.fetch-size", 1, FrameBytes / 2),
            CausalBufferMaxBytes = Size("gossipdb.replication.parking", 1, int.MaxValue),
            ReadHedgeMs = Milliseconds("gossipdb.replication.read-hedge", 0),
            ReadShipMaxBytes = Size("gossipdb.replication.read-ship-max", 0, FrameBytes / 2),
            CollectIntervalMs = Milliseconds("gossipdb.replication.collect-interval", 1),
            EventLogMaxBytes = Size("gossipdb.replication.event-log", 1, int.MaxValue),
            ImageSliceBytes = Size("gossipdb.replication.image-slice", 1, FrameBytes / 2),
            ImageFinalBytes = Size("gossipdb.replication.image-final", 1, FrameBytes),
            AuditIntervalMs = Milliseconds("gossipdb.replication.audit-interval", 1),
            AuditRepeatMs = Milliseconds("gossipdb.scrub.interval", 1),
            StandInMaxBytes = Size("gossipdb.replication.stand-in", 1024, int.MaxValue),
            MaxClockSkewMs = Milliseconds("gossipdb.time.max-clock-skew", 10),
            MaxWaiting = Int("gossipdb.limits.waiting-per-partition", 1, int.MaxValue),
            MaxChangeBytes = Size("gossipdb.limits.change", 1, int.MaxValue),
        };
        if (Replica.MaxChangeBytes < 2L * MaxValueBytes)
            throw Wrong("gossipdb.limits.change", $"is {Replica.MaxChangeBytes} bytes, less than twice gossipdb.limits.value");
        if (LinkQueueBytes < 2L * Replica.MaxChangeBytes)
            throw Wrong("gossipdb.links.queue", $"is {LinkQueueBytes} bytes, less than twice gossipdb.limits.change");
        ReadTls();
        ReadSecurity();
        ReadPeers();
        RefuseOpenPorts();
    }

    /// <summary>Where another node listens.</summary>
    public sealed record NodeAddress(string PeerHost, int PeerPort, string ClientEndpoint);

    /// <summary>What file, environment and command line say, for the settings of Akka they may carry.</summary>
    public Config Own => _layers.Own;

    public NodeId Id { get; }
    public string DataDirectory { get; }
    public string Host { get; }
    public int ClientPort { get; }
    public int HttpPort { get; }
    public int PeerPort { get; }

    /// <summary>0 for any that is free.</summary>
    public int DataPort { get; }
    public int Lanes { get; }
    public bool StopWithParent { get; }
    public bool Dashboard { get; }
    public int Partitions { get; }
    public int Replication { get; }
    public bool Join { get; }
    public IReadOnlyDictionary<NodeId, NodeAddress> Nodes { get; }
    public ConsistencyLevel DefaultRead { get; }
    public ConsistencyLevel DefaultWrite { get; }
    public long DefaultTimeoutMs { get; }
    public long MaxTimeoutMs { get; }
    public int MaxKeyBytes { get; }
    public int MaxValueBytes { get; }
    public int MaxBatch { get; }

    /// <summary>The largest message a client may send: a batch of a stream holds several values.</summary>
    public int MaxMessageBytes => (int)Math.Min(Math.Max(MaxValueBytes * 2L, 16 << 20), int.MaxValue);
    public long MaxInFlightBytes { get; }
    public long MaxAnswerBytes { get; }
    public long MaxAnswerBytesPerClient { get; }
    public long SlowReaderTimeoutMs { get; }
    public int MaxFrameClients { get; }
    public TimeSpan Tick { get; }
    public TimeSpan HeartbeatInterval { get; }
    public long UnreachableAfterMs { get; }
    public int EnvelopeBytes { get; }
    public long WindowBytes { get; }
    public long LinkQueueBytes { get; }
    public int FrameBytes { get; }
    public int RecordBytes { get; }
    public int OutstandingRecords { get; }
    public int RecoveryPage { get; }
    public TimeSpan BusyTimeout { get; }
    public TimeSpan ReadPatience { get; }
    public long JournalBacklogBytes { get; }
    public long JournalBytes { get; }

    /// <summary>The server the journal is on; null where it is a file in the data directory.</summary>
    public JournalServer? Server { get; }
    public TimeSpan ScrubInterval { get; }
    public long ScrubBytesPerSecond { get; }
    public long RepairBytesPerSecond { get; }
    public int MaxMoves { get; }
    public LabSettings Lab { get; }
    public string LogLevel { get; }
    public bool LogToConsole { get; }
    public bool LogAsJson { get; }
    public TimeSpan SilentAfter { get; }
    public TimeSpan DeadAfter { get; }

    /// <summary>What is written to the audit log.</summary>
    public AuditSettings Audit { get; }
    public HotKeySettings HotKeys { get; }

    /// <summary>Metrics and traces for other systems.</summary>
    public TelemetrySettings Telemetry { get; }
    public int LogFiles { get; }
    public int LogFileBytes { get; }
    public ReplicaSettings Replica { get; }

    /// <summary>Reads a node's file, and nothing else.</summary>
    /// <exception cref="ConfigurationProblem">It cannot be read, or says something wrong.</exception>
    public static NodeSettings Load(string path) => Load(new SettingSources { File = path });

    /// <summary>Reads settings from wherever they come.</summary>
    /// <exception cref="ConfigurationProblem">Something cannot be read, or is wrong.</exception>
    public static NodeSettings Load(SettingSources sources) => new(LayeredSettings.Read(sources));

    /// <summary>Reads settings from a text; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="ConfigurationProblem">It says something wrong.</exception>
    public static NodeSettings Parse(string text, string source) => new(LayeredSettings.Of(text, source, new SettingSources()));

    private Dictionary<NodeId, NodeAddress> ReadNodes()
    {
        const string Key = "gossipdb.cluster.nodes";
        var nodes = new Dictionary<NodeId, NodeAddress>();
        foreach (var line in Texts(Key))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var peer = parts.Length == 3 ? parts[1].LastIndexOf(':') : -1;
            if (peer <= 0
                || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id < 1
                || !int.TryParse(parts[1][(peer + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                || port is < 1 or > 65_535
                || !Uri.TryCreate(parts[2], UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            {
                throw Wrong(Key, $"has the entry '{line}'; wanted is \"ID PEER-HOST:PEER-PORT CLIENT-ENDPOINT\"");
            }

            if (!nodes.TryAdd(new NodeId(id), new NodeAddress(parts[1][..peer], port, parts[2])))
                throw Wrong(Key, $"lists node {id} twice");
        }

        return nodes;
    }
}
