using System.Reflection;
using Google.Protobuf;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Protocol;
using Gossipdb.Replication;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>What a node says of itself to operators and clients, as messages of the contract.</summary>
internal static class Reports
{
    private static readonly string Version =
        typeof(Reports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Who is in the cluster and who owns what.</summary>
    public static ClusterDescription Describe(NodeContext node)
    {
        var placement = node.Placement;
        var time = node.Clock.ClusterTime;
        var description = new ClusterDescription
        {
            Node = (uint)node.Settings.Id.Value,
            Partitions = (uint)placement.Layout.Partitions,
            Replication = (uint)placement.Layout.Replication,
            LayoutVersion = (ulong)placement.Layout.Version,
            MaxKeyBytes = (uint)node.Settings.MaxKeyBytes,
            MaxValueBytes = (uint)node.Settings.MaxValueBytes,
            MaxBatch = (uint)node.Settings.MaxBatch,
            NowUnixMs = time.UnixMs,
            NowIsKnown = time.IsKnown,
        };

        // Nodes that are not in the layout any more, or not yet, may hold something all the same.
        var named = new SortedSet<NodeId>(placement.Layout.Nodes) { node.Settings.Id };
        foreach (var holders in node.Holders) named.UnionWith(holders ?? []);
        foreach (var id in named)
        {
            if (node.AddressOf(id) is not { } address) continue;
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
    public static NodeStatus Node(NodeContext node, Gateway gateway, IReadOnlySet<NodeId> cuts)
    {
        var status = new NodeStatus
        {
            Node = (uint)node.Settings.Id.Value,
            ProcessId = Environment.ProcessId,
            Version = Version,
            UptimeMs = node.Clock.UptimeMs,
            Ready = node.Health.IsReady,
            RefusingWrites = node.Health.RefusesWrites,
            Trouble = node.Health.Trouble,
            FaultInjection = node.Settings.FaultInjection,
            Cluster = Describe(node),
            InFlightBytes = gateway.InFlightBytes,
            MaxInFlightBytes = node.Settings.MaxInFlightBytes,
            UnreadAnswerBytes = gateway.Answers.Bytes,
            MaxUnreadAnswerBytes = gateway.Answers.MaxBytes,
            ReadsWithoutRoom = gateway.Answers.Deferred,
            EndedSlowReaders = gateway.Answers.Ended,
            RepairBytesSent = node.RepairBudget.Total,
            RepairBytesPerSecond = node.RepairBudget.Rate,
            HeldBytes = node.HeldBytes,
            StandsInFor = node.StandsInFor,
        };
        if (node.Clock.ClusterTime is { IsKnown: true } time) (status.ClockAheadMs, status.ClockUncertaintyMs) = (node.Clock.OffsetMs, time.UncertaintyMs);
        foreach (var cut in cuts.Order()) status.Cuts.Add((uint)cut.Value);
        return status;
    }

    /// <summary>One partition. The digest costs a pass over its state.</summary>
    public static PartitionStatus Status(int partition, Replica replica, bool digest)
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
        status.DroppedKeys = replica.Keys.Dropped;
        status.RetiredReplicas = replica.Keys.StableCut.Retired.Count;
        status.TransferredSlices = replica.Inspection.TransferredSlices;
        foreach (var slot in replica.Peers.Slots)
            status.Slots.Add(new SlotStatus { Node = (uint)slot.Node.Value, Epoch = slot.Holder.Epoch, Held = slot.Holder.IsHeld });
        if (replica.Peers.Contradiction is { } contradiction) status.Contradiction = contradiction;
        foreach (var other in NodesOf(replica.Inspection.Contradicting, replica)) status.Contradicting.Add((uint)other.Value);
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
            });
        }

        return status;
    }

    /// <summary>The owners at these slots.</summary>
    public static IEnumerable<NodeId> NodesOf(ulong slots, Replica replica)
    {
        for (var i = 0; i < replica.Peers.Slots.Length; i++)
            if ((slots & (1UL << i)) != 0) yield return replica.Peers.Slots[i].Node;
    }

    /// <summary>What this replica holds of a key.</summary>
    public static InspectReply Inspect(int partition, Replica replica, Bytes key, NodeContext node)
    {
        var reply = NotAnOwner(node, partition);
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
            foreach (var dot in held.LastChange) inspected.LastChange.Add(new VectorEntry { Replica = dot.Replica.Value, Sequence = dot.Sequence });
            reply.Objects.Add(inspected);
        }

        return reply;
    }

    /// <summary>The answer of a node that does not hold the partition.</summary>
    public static InspectReply NotAnOwner(NodeContext node, int partition)
    {
        var reply = new InspectReply { Node = (uint)node.Settings.Id.Value, Partition = (uint)partition };
        foreach (var owner in node.Placement.PreferenceList(partition)) reply.Owners.Add((uint)owner.Value);
        return reply;
    }
}
