using Gossipdb.Replication;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Telemetry;

/// <summary>What metrics tell of one partition, as its lane showed it.</summary>
internal sealed record PartitionSample
{
    /// <summary>That the node has no part in the partition by now.</summary>
    public static readonly PartitionSample Nothing = new() { Partition = -1 };

    public required int Partition { get; init; }

    public long Keys { get; init; }

    /// <summary>Deleted keys forgotten for good since the start.</summary>
    public long DroppedKeys { get; init; }

    public long LogBytes { get; init; }

    /// <summary>Events that wait for what they depend on.</summary>
    public long Parked { get; init; }

    /// <summary>False where it should coordinate and answer, and does not.</summary>
    public bool Serves { get; init; }

    public bool Moves { get; init; }

    /// <summary>Whether an owner holds another state at the same clock.</summary>
    public bool Diverges { get; init; }

    /// <summary>Whether its journal is damaged and not mended.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Since its state was found equal with every other owner's; null: never yet.</summary>
    public long? ComparedMsAgo { get; init; }

    /// <summary>How long something has waited for the next stable cut; 0 where nothing waits.</summary>
    public long CollectionWaitsMs { get; init; }

    /// <summary>The node that holds the stable cut back; null where none is known to.</summary>
    public NodeId? HeldBackBy { get; init; }

    /// <summary>What the other owners lack.</summary>
    public PeerLag[] Lags { get; init; } = [];

    /// <summary>What another owner lacks.</summary>
    /// <param name="Node">Its node.</param>
    /// <param name="Changes">Changes that it is not known to have; of an owner never heard all there are.</param>
    /// <param name="BehindMs">For how long the oldest of them has been here, about.</param>
    internal readonly record struct PeerLag(NodeId Node, long Changes, long BehindMs);

    /// <summary>Looks at a replica, in its lane.</summary>
    public static PartitionSample Of(int partition, Replica? replica, long nowMs)
    {
        if (replica is null) return Nothing;
        var inspection = replica.Inspection;
        var slots = replica.Peers.Slots;
        var lags = new List<PeerLag>(slots.Length);
        for (var i = 0; i < slots.Length; i++)
        {
            if (i == replica.Peers.OwnSlot) continue;
            lags.Add(new PeerLag(slots[i].Node, replica.Applied.ChangesMissingFrom(slots[i].Applied), inspection.BehindMs(i, nowMs)));
        }

        return new PartitionSample
        {
            Partition = partition,
            Keys = replica.Keys.Count,
            DroppedKeys = replica.Keys.Dropped,
            LogBytes = inspection.LogBytes,
            Parked = inspection.Buffered,
            Serves = replica.NotServingBecause is null || replica.ServingState == Replication.Membership.ServingState.WithoutSlot,
            Moves = inspection.Moving is not null,
            Diverges = inspection.Contradicting != 0,
            IsDamaged = inspection.Damage is not null,
            ComparedMsAgo = inspection.AgreedAtMs is { } agreed ? Math.Max(0, nowMs - agreed) : null,
            CollectionWaitsMs = inspection.CollectionWaitsSinceMs is { } since ? Math.Max(0, nowMs - since) : 0,
            HeldBackBy = inspection.CollectionWaitsFor,
            Lags = [.. lags],
        };
    }
}
