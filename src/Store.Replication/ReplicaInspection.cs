using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication;

/// <summary>How it stands with a replica, for <c>status</c> and for checks. Nothing here changes anything.</summary>
public readonly struct ReplicaInspection
{
    private readonly PartitionState _state;
    private readonly DigestAudit _audit;
    private readonly ClockExchange _exchange;
    private readonly Replicator _replicator;
    private readonly RightsInheritance _inheritance;
    private readonly ImageReceiver _receiver;
    private readonly SnapshotWriter _snapshot;
    private readonly StableCutKeeper _stableCut;
    private readonly SlotTable _table;
    private readonly SlotMembership _slots;

    internal ReplicaInspection(
        PartitionState state, DigestAudit audit, ClockExchange exchange, Replicator replicator, RightsInheritance inheritance, ImageReceiver receiver,
        SnapshotWriter snapshot, StableCutKeeper stableCut, SlotTable table, SlotMembership slots)
    {
        (_state, _audit, _exchange, _replicator, _inheritance) = (state, audit, exchange, replicator, inheritance);
        (_receiver, _snapshot, _stableCut, _table, _slots) = (receiver, snapshot, stableCut, table, slots);
    }

    /// <summary>The first owner, or fallback node, that is out of reach while something here waits to be collected; null where nothing waits.</summary>
    public NodeId? CollectionWaitsFor => _stableCut.WaitsFor;

    /// <summary>The bytes of the event log.</summary>
    public long LogBytes => _state.Log.Bytes;

    /// <summary>How many events wait for their dependencies.</summary>
    public int Buffered => _replicator.Buffered;

    /// <inheritdoc cref="ClockExchange.NotUnderstood"/>
    public long NotUnderstood => _exchange.NotUnderstood;

    /// <summary>How many slices of an image have arrived; 0 where none is under way.</summary>
    public int TransferredSlices => _receiver.Slices;

    /// <summary>True while an image of the whole state is being written into the own journal.</summary>
    public bool IsSnapshotting => _snapshot.IsRunning;

    /// <summary>The owners, as bits of slots, whose state differs from this replica's at the same clock: memory or disk is damaged, here or there.</summary>
    public ulong Contradicting => _audit.Contradicting;

    /// <summary>The digest of the state, where it has been computed since the last change.</summary>
    public UInt128? Digest => _audit.DigestAt(_state.Applied);

    /// <summary>The ended ids whose rights in bounded counters this replica may use besides its own, in ascending order.</summary>
    public ReadOnlySpan<ReplicaId> Inherits => _inheritance.Ids;

    /// <summary>Rises whenever slots change hands.</summary>
    public int HoldersVersion => _table.HoldersVersion;

    /// <inheritdoc cref="SlotMembership.WantedSlot"/>
    public int WantedSlot => _slots.WantedSlot;

    /// <inheritdoc cref="SlotMembership.IsDrained"/>
    public bool IsDrained => _slots.IsDrained;

    /// <inheritdoc cref="SlotMembership.Moving"/>
    public string? Moving => _slots.Moving;

    /// <summary>What is to be done once records that wait for the disk are there, in words for people; empty where nothing waits.</summary>
    public string WaitsForDisk => string.Join(", ", _state.Pending);

    /// <inheritdoc cref="PartitionState.Covers"/>
    public bool Covers(VersionVector token) => _state.Covers(token);

    /// <inheritdoc cref="PartitionState.LostDotsOf"/>
    public VersionVector? LostDotsOf(VersionVector token) => _state.LostDotsOf(token);
}
