using Google.Protobuf;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Node.Partitions;
using Gossipdb.Protocol;
using Gossipdb.Replication;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>
/// What a node says of a partition to operators, as messages of the contract. A replica is looked at in its lane.
/// </summary>
internal static class PartitionReports
{
    /// <summary>Asks a partition for a <see cref="PartitionSight"/>. The digest costs a pass over the state.</summary>
    public static PartitionPart.Look StatusOf(int partition, bool digest, int maxConflicts, long nowMs) => new("the status", replica =>
    {
        if (replica is null) return new PartitionSight(null, []);
        var conflicts = new List<Bytes[]>();
        replica.Keys.CollectConflicts(conflicts, maxConflicts);
        return new PartitionSight(Status(partition, replica, digest, nowMs), conflicts);
    });

    /// <summary>Asks a partition for what it holds of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="nobody">The answer where the node has no part in the partition by now; it is filled in.</param>
    public static PartitionPart.Look InspectionOf(Bytes key, InspectReply nobody) =>
        new("an inspection", replica => replica is null ? nobody : Inspect(replica, key, nobody));

    /// <summary>The answer of a node that does not hold the partition.</summary>
    public static InspectReply NotAnOwner(NodeId self, int partition, PartitionPlacement placement)
    {
        var reply = new InspectReply { Node = (uint)self.Value, Partition = (uint)partition };
        foreach (var owner in placement.PreferenceList(partition)) reply.Owners.Add((uint)owner.Value);
        return reply;
    }

    /// <summary>One partition. The digest costs a pass over its state.</summary>
    private static PartitionStatus Status(int partition, Replica replica, bool digest, long nowMs)
    {
        var status = new PartitionStatus
        {
            Partition = (uint)partition,
            Replica = replica.Id.Value,
            Applied = Wire.ToClock(partition, replica.Applied),
            Durable = Wire.ToClock(partition, replica.Durable),
            Keys = replica.Keys.Count,
            LogBytes = replica.Inspection.LogBytes,
            Parked = replica.Inspection.Buffered,
        };
        if (replica.NotServingBecause is { } why && replica.ServingState != ServingState.WithoutSlot) status.NotServing = why;
        if (replica.Inspection.Moving is { } moving) status.Moving = moving;
        if (replica.Inspection.CollectionWaitsFor is { } awaited) status.CollectionWaitsFor = (uint)awaited.Value;
        if (replica.Inspection.CollectionWaitsSinceMs is { } since) status.CollectionWaitsMs = Math.Max(0, nowMs - since);
        status.DroppedKeys = replica.Keys.Dropped;
        status.RetiredReplicas = replica.Keys.StableCut.Retired.Count;
        status.TransferredSlices = replica.Inspection.TransferredSlices;
        status.RepairGivenUp = replica.Inspection.IsRebuildGivenUp;
        foreach (var slot in replica.Peers.Slots)
            status.Slots.Add(new SlotStatus { Node = (uint)slot.Node.Value, Epoch = slot.Holder.Epoch, Held = slot.Holder.IsHeld });
        if (replica.Peers.Contradiction is { } contradiction) status.Contradiction = contradiction;
        foreach (var other in PartitionNews.NodesOf(replica.Inspection.Contradicting, replica)) status.Contradicting.Add((uint)other.Value);
        var (waiting, applied, lost) = replica.Inspection.Salvaged;
        if (replica.Inspection.Damage is not null || waiting + applied + lost > 0)
        {
            status.Damage = new PartitionDamage
            {
                What = replica.Inspection.Damage ?? string.Empty,
                Waiting = waiting,
                Applied = applied,
                Lost = lost,
            };
        }

        if (replica.Inspection.AgreedAtMs is { } agreed) status.ComparedMsAgo = Math.Max(0, nowMs - agreed);
        if (digest)
        {
            Span<byte> bytes = stackalloc byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes, replica.Keys.Digest());
            status.Digest = ByteString.CopyFrom(bytes);
        }

        for (var i = 0; i < replica.Peers.Slots.Length; i++)
        {
            if (i == replica.Peers.OwnSlot) continue;
            var slot = replica.Peers.Slots[i];
            status.Lags.Add(new ReplicaLag
            {
                Node = (uint)slot.Node.Value,
                MissingChanges = slot.Replica == default ? -1 : replica.Applied.ChangesMissingFrom(slot.Applied),
                BehindMs = replica.Inspection.BehindMs(i, nowMs),
            });
        }

        return status;
    }

    /// <summary>What this replica holds of a key.</summary>
    private static InspectReply Inspect(Replica replica, Bytes key, InspectReply reply)
    {
        var partition = (int)reply.Partition;
        reply.Owner = true;
        reply.Replica = replica.Id.Value;
        reply.Clock = Wire.ToClock(partition, replica.Applied);
        if (replica.Keys.Find(key) is not { } entry) return reply;
        if (entry.ExpiresAtMs != Expiry.Never) reply.ExpiresAtUnixMs = entry.ExpiresAtMs;
        foreach (var held in entry.Objects)
        {
            if (held.State.Type == CrdtType.Expiry) continue;
            var inspected = new InspectedObject
            {
                Type = Wire.ToValueType(held.State.Type),
                Answers = ReferenceEquals(held, entry.Answering),
                Visible = held.State.IsVisible,
                CreatedUnixMs = held.CreatedAt.UnixMilliseconds,
            };
            inspected.Lines.AddRange(held.State.Describe());
            foreach (var dot in held.LastChange)
                inspected.LastChange.Add(new VectorEntry { Replica = dot.Replica.Value, Sequence = dot.Sequence });
            reply.Objects.Add(inspected);
        }

        return reply;
    }
}
