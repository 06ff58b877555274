namespace Gossipdb.Replication.Contract;

/// <summary>The protocol's limits and intervals. Defaults are those of hocon/reference.conf.</summary>
public sealed record ReplicaSettings
{
    /// <summary>How often a replica tells its clocks to one other owner.</summary>
    public long GossipIntervalMs { get; init; } = 1_000;

    /// <summary>How long a hole may last before it is fetched. What is missing is usually under way already.</summary>
    public long FetchDelayMs { get; init; } = 100;

    /// <summary>How long a fetch may stay unanswered before another is tried.</summary>
    public long FetchTimeoutMs { get; init; } = 1_000;

    /// <summary>The most event bytes one answer to a fetch carries (one event always fits).</summary>
    public int FetchMaxBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// The most bytes of events kept while their dependencies are missing. Past that the newest arrivals are dropped, and fetched later.
    /// </summary>
    public long CausalBufferMaxBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long a quorum read waits for the peers it asked before it asks the others too.</summary>
    public long ReadHedgeMs { get; init; } = 100;

    /// <summary>
    /// The largest object that a peer ships to the coordinator of a quorum read that lacks changes of it. With a larger object the
    /// coordinator waits until it has the changes itself.
    /// </summary>
    public int ReadShipMaxBytes { get; init; } = 64 * 1024;

    /// <summary>How often what is stable is decided anew, where there is something to collect.</summary>
    public long CollectIntervalMs { get; init; } = 10_000;

    /// <summary>The most bytes of events kept in memory for peers that fetch. A peer that lacks an older one takes an image.</summary>
    public long EventLogMaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>About how many bytes one slice of an image carries (one key always fits).</summary>
    public int ImageSliceBytes { get; init; } = 256 * 1024;

    /// <summary>About how many bytes of an image may be left for its last turn. Nothing else is done during that turn.</summary>
    public int ImageFinalBytes { get; init; } = 256 * 1024;

    /// <summary>How often the digest of the state is computed anew, where there was a change.</summary>
    public long AuditIntervalMs { get; init; } = 30_000;

    /// <summary>How often the digest is computed anew where there was no change: what is at rest may be damaged too.</summary>
    public long AuditRepeatMs { get; init; } = 24 * 60 * 60 * 1_000L;

    /// <summary>How many keys of the digest one tick computes.</summary>
    public int AuditKeysPerTick { get; init; } = 500;

    /// <summary>
    /// The most bytes of events that a fallback node holds of one partition. Past that it forgets what a majority of the owners has on
    /// disk. Where that is not enough, it takes no more.
    /// </summary>
    public long StandInMaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// The most bytes of the event that one write of a client becomes. The event is what is journaled and sent. It may be larger than the
    /// write.
    /// </summary>
    public int MaxChangeBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// How far clocks may differ before it matters, in milliseconds. A node whose clock is further from the cluster's time removes nothing
    /// by expiry. An operation id is executed, and kept, this much longer than its deadline says.
    /// </summary>
    public long MaxClockSkewMs { get; init; } = 2_000;

    /// <summary>The most client operations one replica keeps waiting.</summary>
    public int MaxWaiting { get; init; } = 50_000;
}
