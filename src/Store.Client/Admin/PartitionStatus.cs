namespace Gossipdb.Client;

/// <summary>A node's replica of a partition.</summary>
public sealed record PartitionStatus
{
    /// <summary>The partition.</summary>
    public int Partition { get; init; }

    /// <summary>The replica's id: new with every start of the process.</summary>
    public ulong Replica { get; init; }

    /// <summary>The clock of what it has applied.</summary>
    public IReadOnlyList<ClockEntry> Applied { get; init; } = [];

    /// <summary>The clock of what it has journaled.</summary>
    public IReadOnlyList<ClockEntry> Durable { get; init; } = [];

    /// <summary>How many keys it holds.</summary>
    public long Keys { get; init; }

    /// <summary>Bytes of its event log.</summary>
    public long LogBytes { get; init; }

    /// <summary>Events that wait for ones before them.</summary>
    public long Parked { get; init; }

    /// <summary>Why it neither coordinates nor answers (it has just started, or lost what it held); empty where it does.</summary>
    public string NotServing { get; init; } = "";

    /// <summary>The owner without which nothing is collected: it is out of reach. Null where nothing waits.</summary>
    public int? CollectionWaitsFor { get; init; }

    /// <summary>For how long something has waited for the next stable cut, which lets it be collected; null where nothing waits.</summary>
    public TimeSpan? CollectionWaits { get; init; }

    /// <summary>How many deleted keys it has forgotten for good since it started.</summary>
    public long DroppedKeys { get; init; }

    /// <summary>How many replica ids have ended and are folded away.</summary>
    public long RetiredReplicas { get; init; }

    /// <summary>What becomes of the node's part of the partition, where the layout has changed; empty where it stays.</summary>
    public string Moving { get; init; } = "";

    /// <summary>How many slices have arrived of an image under way.</summary>
    public long TransferredSlices { get; init; }

    /// <summary>True where the last repair took nothing, because no other owner of the partition served.</summary>
    public bool IsRepairGivenUp { get; init; }

    /// <summary>Who holds the partition's slots, as this node knows.</summary>
    public IReadOnlyList<SlotStatus> Slots { get; init; } = [];

    /// <summary>Two nodes say that they hold one slot: somebody's journal was copied or edited. Empty where all is well.</summary>
    public string Contradiction { get; init; } = "";

    /// <summary>
    /// The owners that hold another state at the same clock: memory or disk is damaged somewhere. Empty where all is well.
    /// </summary>
    public IReadOnlyList<int> Contradicting { get; init; } = [];

    /// <summary>What of its journal is damaged; null where nothing is, and nothing was at the start.</summary>
    public PartitionDamage? Damage { get; init; }

    /// <summary>
    /// How long ago its state was last found equal with every other owner's, by digests at the same clock; null where that never was.
    /// </summary>
    public TimeSpan? ComparedAgo { get; init; }

    /// <summary>The digest of its state, empty unless asked for. Replicas with equal clocks have equal digests.</summary>
    public ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>How far the other owners are behind it, as far as it knows.</summary>
    public IReadOnlyList<ReplicaLag> Lags { get; init; } = [];
}

/// <summary>A component of a clock: everything up to this sequence of this replica.</summary>
/// <param name="Replica">The replica that made the changes.</param>
/// <param name="Sequence">The last of them.</param>
public readonly record struct ClockEntry(ulong Replica, long Sequence);

/// <summary>How far another owner is behind a replica.</summary>
public sealed record ReplicaLag
{
    /// <summary>The other owner's node.</summary>
    public int Node { get; init; }

    /// <summary>Changes it is not known to have; null: it was never heard.</summary>
    public long? MissingChanges { get; init; }

    /// <summary>
    /// For how long the oldest of them has been here, about; zero where that is less than a gossip interval.
    /// </summary>
    public TimeSpan Behind { get; init; }
}

/// <summary>Who holds one of a partition's slots.</summary>
/// <param name="Node">The node.</param>
/// <param name="Epoch">Rises by one with every move of the slot.</param>
/// <param name="Held">False while the slot is on its way to the node: then it counts for nobody.</param>
public sealed record SlotStatus(int Node, long Epoch, bool Held);
