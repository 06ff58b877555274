using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication;

/// <summary>A replica's condition, for <c>status</c> and for checks. Nothing here changes anything.</summary>
public readonly struct ReplicaInspection
{
    private readonly ReplicaParts _parts;

    internal ReplicaInspection(ReplicaParts parts) => _parts = parts;

    /// <summary>
    /// The first owner or fallback node that is out of reach while something here waits to be collected; null where nothing waits.
    /// </summary>
    public NodeId? CollectionWaitsFor => _parts.StableCut.WaitsFor;

    /// <inheritdoc cref="StableCutKeeper.WaitsSinceMs"/>
    public long? CollectionWaitsSinceMs => _parts.StableCut.WaitsSinceMs;

    /// <summary>The bytes of the event log.</summary>
    public long LogBytes => _parts.State.Log.Bytes;

    /// <summary>How many events wait for their dependencies.</summary>
    public int Buffered => _parts.Replicator.Buffered;

    /// <inheritdoc cref="ClockExchange.NotUnderstood"/>
    public long NotUnderstood => _parts.Exchange.NotUnderstood;

    /// <summary>How many slices of an image have arrived; 0 where none is under way.</summary>
    public int TransferredSlices => _parts.Receiver.Slices;

    /// <inheritdoc cref="RejoinGate.IsRebuildGivenUp"/>
    public bool IsRebuildGivenUp => _parts.Gate.IsRebuildGivenUp;

    /// <summary>True while a snapshot is being written into this replica's journal.</summary>
    public bool IsSnapshotting => _parts.Snapshot.IsRunning;

    /// <inheritdoc cref="Recovery.JournalMending.Damage"/>
    public string? Damage => _parts.Mending.Damage;

    /// <summary>Events of a damaged journal: how many wait for what they depend on, were applied after all, and are lost.</summary>
    public (int Waiting, long Applied, long Lost) Salvaged =>
        (_parts.State.Salvaged.Count, _parts.State.Salvaged.Applied, _parts.State.Salvaged.Lost);

    /// <summary>
    /// The owners, as bits of slots, whose state differs from this replica's at the same clock. Memory or disk is damaged, here or there.
    /// </summary>
    public ulong Contradicting => _parts.Audit.Contradicting;

    /// <inheritdoc cref="DigestAudit.AgreedAtMs"/>
    public long? AgreedAtMs => _parts.Audit.AgreedAtMs;

    /// <summary>The digest of the state, where it has been computed since the last change.</summary>
    public UInt128? Digest => _parts.Audit.DigestAt(_parts.State.Applied);

    /// <summary>The ended ids whose rights in bounded counters this replica may use besides its own, in ascending order.</summary>
    public ReadOnlySpan<ReplicaId> Inherits => _parts.Inheritance.Ids;

    /// <summary>Rises whenever a slot changes hands.</summary>
    public int HoldersVersion => _parts.Table.HoldersVersion;

    /// <summary>
    /// The nodes that may hold something in absent owners' place: those that are designated, and those that are asked until they hold
    /// nothing any more.
    /// </summary>
    public IEnumerable<NodeId> StandIns => _parts.State.FallbackMembership.Present;

    /// <summary>Rises whenever <see cref="StandIns"/> may have changed.</summary>
    public int StandInsVersion => _parts.StandInsVersion;

    /// <inheritdoc cref="SlotMembership.WantedSlot"/>
    public int WantedSlot => _parts.Slots.WantedSlot;

    /// <inheritdoc cref="SlotMembership.IsDrained"/>
    public bool IsDrained => _parts.Slots.IsDrained;

    /// <inheritdoc cref="SlotMembership.Moving"/>
    public string? Moving => _parts.Slots.Moving;

    /// <summary>
    /// What is to be done once journal records that wait for the disk are durable, in words for people. Empty where nothing waits.
    /// </summary>
    public string WaitsForDisk => string.Join(", ", _parts.State.Pending);

    /// <inheritdoc cref="LagWatch.BehindMs"/>
    public long BehindMs(int slot, long nowMs) => _parts.Lag.BehindMs(slot, nowMs);

    /// <inheritdoc cref="PartitionState.Covers"/>
    public bool Covers(VersionVector token) => _parts.State.Covers(token);

    /// <inheritdoc cref="PartitionState.LostDotsOf"/>
    public VersionVector? LostDotsOf(VersionVector token) => _parts.State.LostDotsOf(token);
}
