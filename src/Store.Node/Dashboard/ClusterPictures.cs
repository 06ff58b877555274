using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Dashboard;

/// <summary>What was heard of the nodes, as the pages show it.</summary>
internal static class ClusterPictures
{
    /// <summary>The cluster but for its partitions.</summary>
    /// <param name="before">What was heard before, for rates; null where nothing was.</param>
    /// <param name="now">What was heard.</param>
    public static ClusterShown Cluster(ClusterSnapshot? before, ClusterSnapshot now)
    {
        var members = now.Layout.Members.ToDictionary(static member => member.Id);
        return new ClusterShown(
            now.AtMs,
            now.Self.Value,
            now.Layout.Partitions,
            now.Layout.Replication,
            now.Layout.Version,
            [.. now.Nodes.Select(node => Node(before, now, node, members.GetValueOrDefault(node.Id)))],
            [.. now.Nodes.SelectMany(static node => (node.Status?.Peers ?? []).Select(peer => Link(node.Id, peer)))],
            FaultTexts.Shown(now.Faults),
            now.Staged is { Staged: true } staged
                ? new StagedShown((int)staged.StagedMoves, [.. staged.StagedMembers.Select(static member => (int)member.Id)])
                : null);
    }

    /// <summary>The partitions. A replica's lag is against all that any replica was heard to have.</summary>
    public static PartitionsShown Partitions(ClusterSnapshot now)
    {
        var replicas = new List<(NodeId Node, PartitionStatus Status)>?[now.Layout.Partitions];
        foreach (var node in now.Nodes)
        {
            foreach (var status in node.Status?.Partitions ?? [])
                if (status.Partition < replicas.Length) (replicas[status.Partition] ??= []).Add((node.Id, status));
        }

        return new PartitionsShown([.. replicas.Select((held, partition) => Partition(now.Owners[partition], held ?? []))]);
    }

    private static PartitionShown Partition(IReadOnlyList<NodeId> owners, List<(NodeId Node, PartitionStatus Status)> held)
    {
        var all = new Dictionary<ulong, (long Sequence, long Retired)>();
        foreach (var (_, status) in held)
        {
            foreach (var entry in status.Applied.Entries)
            {
                var known = all.GetValueOrDefault(entry.Replica);
                all[entry.Replica] = (Math.Max(entry.Sequence, known.Sequence), Math.Max(status.RetiredReplicas, known.Retired));
            }
        }

        var alarm = held.Select(static one => one.Status.Contradiction).FirstOrDefault(static text => text.Length > 0)
            ?? (held.Any(static one => one.Status.Contradicting.Count > 0) ? "replicas with the same clock differ" : null)
            ?? held.Select(static one => one.Status.Damage?.What).FirstOrDefault(static text => !string.IsNullOrEmpty(text));
        return new PartitionShown(
            [.. owners.Select(static owner => owner.Value)],
            held.Count == 0 ? 0 : held.Max(static one => one.Status.Keys),
            [.. held.Select(one => new ReplicaShown(one.Node.Value, Lag(all, one.Status))
            {
                NotServing = one.Status.NotServing is { Length: > 0 } why ? why : null,
                Moving = one.Status.Moving is { Length: > 0 } moving ? moving : null,
            })])
        {
            Alarm = alarm,
        };
    }

    // Ids that have retired are folded out of one clock sooner than out of another: who has folded away more than those that name an id
    // does not lack what it named.
    private static long Lag(Dictionary<ulong, (long Sequence, long Retired)> all, PartitionStatus status)
    {
        var own = status.Applied.Entries.ToDictionary(static entry => entry.Replica, static entry => entry.Sequence);
        var lag = 0L;
        foreach (var (replica, (sequence, retired)) in all)
        {
            if (own.TryGetValue(replica, out var has)) lag += sequence - has;
            else if (status.RetiredReplicas <= retired) lag += sequence;
        }

        return lag;
    }

    private static NodeShown Node(ClusterSnapshot? before, ClusterSnapshot now, NodeHeard heard, Member? member)
    {
        var owns = now.Owners.Count(owners => owners.Contains(heard.Id));
        var shown = new NodeShown(heard.Id.Value, heard.Endpoint)
        {
            Problem = heard.Problem,
            Owns = owns,
            Zone = member?.Zone is { Length: > 0 } zone ? zone : null,
            Capacity = member?.Capacity ?? 0,
        };
        if (heard.Status is not { } status) return shown;
        var rate = LiveFigures.RateOf(before, now, heard.Id);
        return shown with
        {
            Ready = status.Ready,
            Trouble = status.Trouble is { Length: > 0 } trouble ? trouble : null,
            RefusesWrites = status.RefusingWrites,
            Version = status.Version,
            Process = status.ProcessId,
            UptimeMs = status.UptimeMs,
            Keys = status.Partitions.Sum(static partition => partition.Keys),
            Holds = status.Partitions.Count,
            HeldBytes = status.HeldBytes,
            HeldChanges = status.HeldChanges,
            StandsInFor = status.StandsInFor,
            InFlightBytes = status.InFlightBytes,
            RepairPerSecond = status.RepairBytesPerSecond,
            ClockAheadMs = status.HasClockAheadMs ? status.ClockAheadMs : null,
            ClockUncertaintyMs = status.ClockUncertaintyMs,
            Rate = rate.Done,
            FailedRate = rate.Failed,
        };
    }

    private static LinkShown Link(NodeId from, PeerStatus peer) => new(
        from.Value,
        (int)peer.Node,
        peer.Reachable,
        peer.HasRoundTripMs ? peer.RoundTripMs : null,
        peer.LastHeardMsAgo,
        peer.WaitingBytes,
        peer.MessagesDropped);
}
