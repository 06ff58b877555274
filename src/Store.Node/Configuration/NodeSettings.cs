using System.Globalization;
using System.Net;
using Akka.Configuration;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Configuration;

/// <summary>
/// A node's settings: the one class that reads HOCON. Every key stands with its default, unit and reason in hocon/reference.conf.
/// Whatever is missing, unknown or out of range fails here, naming the key.
/// </summary>
internal sealed partial class NodeSettings
{
    private static readonly Config Reference = ConfigurationFactory.ParseString(ReadReference());
    private readonly Config _config;
    private readonly string _source;

    private NodeSettings(Config own, string source)
    {
        _source = source;
        RefuseUnknownKeys(own);
        _config = own.WithFallback(Reference);
        Own = own;
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
            Flag("gossipdb.lab.fault-injection"), Size("gossipdb.lab.link-buffer", 1 << 10, int.MaxValue),
            TimeSpan.FromMilliseconds(SignedMilliseconds("gossipdb.lab.clock-offset")));
        LogLevel = OneOf("gossipdb.log.level", "debug", "information", "warning", "error");
        LogToConsole = Flag("gossipdb.log.console");
        SilentAfter = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.health.silent-after", 1));
        DeadAfter = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.health.dead-after", 1));
        if (DeadAfter < SilentAfter)
            throw Wrong("gossipdb.health.dead-after", $"is {DeadAfter.TotalMilliseconds} ms, less than gossipdb.health.silent-after");
        Audit = ReadAudit();
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

    /// <summary>The node's own file, for the settings of Akka it may carry.</summary>
    public Config Own { get; }

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
    public TimeSpan SilentAfter { get; }
    public TimeSpan DeadAfter { get; }

    /// <summary>What is written to the audit log.</summary>
    public AuditSettings Audit { get; }
    public int LogFiles { get; }
    public int LogFileBytes { get; }
    public ReplicaSettings Replica { get; }

    /// <summary>Reads a node's file.</summary>
    /// <exception cref="ConfigurationProblem">It cannot be read, or says something wrong.</exception>
    public static NodeSettings Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"cannot read the configuration file {path}: {unreadable.Message}");
        }

        return Parse(text, path);
    }

    /// <summary>Reads settings from a text; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="ConfigurationProblem">It says something wrong.</exception>
    public static NodeSettings Parse(string text, string source)
    {
        if (HoconStructure.FindProblem(text) is { } problem) throw new ConfigurationProblem($"{source} is not valid HOCON: {problem}");
        Config own;
        try
        {
            own = ConfigurationFactory.ParseString(text);
        }
        catch (Exception malformed)
        {
            throw new ConfigurationProblem($"{source} is not valid HOCON: {malformed.Message.ReplaceLineEndings(" ")}");
        }

        return new NodeSettings(own, source);
    }

    private static string ReadReference()
    {
        using var stream = typeof(NodeSettings).Assembly.GetManifestResourceStream("reference.conf")
            ?? throw new InvalidOperationException("reference.conf is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private void RefuseUnknownKeys(Config own)
    {
        foreach (var (key, _) in own.AsEnumerable())
        {
            if (key != "gossipdb" && key != "akka") throw Wrong(key, "is not a setting of a node (settings start with gossipdb. or akka.)");
        }

        if (!own.HasPath("gossipdb")) return;
        if (!own.GetValue("gossipdb").IsObject()) throw Wrong("gossipdb", "is not a section of settings");
        RefuseUnknownKeys(own.GetConfig("gossipdb"), Reference.GetConfig("gossipdb"), "gossipdb");
    }

    private void RefuseUnknownKeys(Config own, Config known, string path)
    {
        foreach (var (key, value) in own.AsEnumerable())
        {
            if (!known.HasPath(key)) throw Wrong($"{path}.{key}", "is not a setting; hocon/reference.conf lists them all");
            var isSection = known.GetValue(key).IsObject();
            if (value.IsObject() != isSection)
                throw Wrong($"{path}.{key}", isSection ? "is a section of settings, not a setting" : "is a setting, not a section");
            if (isSection) RefuseUnknownKeys(own.GetConfig(key), known.GetConfig(key), $"{path}.{key}");
        }
    }

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

    private string Text(string key)
    {
        var value = Raw(key);
        return value.Length > 0 ? value : throw Wrong(key, "is not set");
    }

    private int Int(string key, int low, int high) =>
        int.TryParse(Raw(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value
            : throw Wrong(key, $"is '{Raw(key)}'; wanted is a number from {low} to {high}");

    private bool Flag(string key) => OneOf(key, "on", "off", "true", "false", "yes", "no") is "on" or "true" or "yes";

    private string OneOf(string key, params string[] allowed)
    {
        var value = Raw(key).ToLowerInvariant();
        return allowed.Contains(value) ? value : throw Wrong(key, $"is '{value}'; wanted is one of {string.Join(", ", allowed)}");
    }

    private long Milliseconds(string key, long low)
    {
        var raw = Raw(key);
        var digits = raw.TakeWhile(char.IsAsciiDigit).Count();
        var factor = raw[digits..].Trim() switch { "ms" => 1L, "s" => 1_000L, "m" => 60_000L, _ => 0L };
        return factor > 0
            && long.TryParse(raw.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value * factor >= low
            && value < 1_000_000
            ? value * factor
            : throw Wrong(key, $"is '{raw}'; wanted is a duration such as 200ms, 5s or 1m, of at least {low} ms");
    }

    private long SignedMilliseconds(string key)
    {
        var raw = Raw(key);
        var digits = raw.AsSpan().TrimStart("+-");
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var factor = end < 0 ? 0 : digits[end..].Trim() switch { "ms" => 1L, "s" => 1_000L, "m" => 60_000L, "h" => 3_600_000L, _ => 0L };
        return factor > 0
            && raw.Length - digits.Length < 2
            && long.TryParse(digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value < 1_000_000
            ? (raw.StartsWith('-') ? -value : value) * factor
            : throw Wrong(key, $"is '{raw}'; wanted is a duration such as -20s, +500ms or 1h");
    }

    private int Size(string key, long low, long high)
    {
        var raw = Raw(key);
        var digits = raw.TakeWhile(char.IsAsciiDigit).Count();
        var factor = raw[digits..].Trim() switch { "" or "B" => 1L, "KiB" => 1L << 10, "MiB" => 1L << 20, "GiB" => 1L << 30, _ => 0L };
        return factor > 0
            && long.TryParse(raw.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value < 1L << 31
            && value * factor >= low && value * factor <= high
            ? (int)(value * factor)
            : throw Wrong(key, $"is '{raw}'; wanted is a size such as 512, 64KiB or 1MiB, from {low} to {high} bytes");
    }

    private ConsistencyLevel Level(string key) =>
        ConsistencyLevel.TryParse(Raw(key), out var level)
            ? level
            : throw Wrong(key, $"is '{Raw(key)}'; wanted is one, two, quorum, all or a number, or one of these with -sloppy behind it");

    private void RefuseMoreThanReplicas(string key, ConsistencyLevel level)
    {
        var replicas = Math.Min(Replication, Nodes.Count);
        if (level.Resolve(replicas) > replicas) throw Wrong(key, $"asks for {level.Count} replicas; a partition has {replicas}");
    }

    private string Raw(string key)
    {
        try
        {
            return _config.GetString(key, string.Empty).Trim();
        }
        catch (Exception)
        {
            throw Wrong(key, "is not a single value");
        }
    }

    private ConfigurationProblem Wrong(string key, string what) => new($"{_source}: {key} {what}");
}
