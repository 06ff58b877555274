using Gossipdb.Replication;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Partitions;

/// <summary>What a node is told of one of its partitions as it changes: that it serves, who holds its slots, whom it contradicts.</summary>
/// <param name="environment">The node.</param>
/// <param name="directory">Where the slots' holders are published.</param>
/// <param name="partition">The partition.</param>
/// <param name="host">Its host.</param>
/// <param name="isAwaited">Whether the node is not ready before this partition serves.</param>
internal sealed class PartitionNews(
    PartitionEnvironment environment, PartitionDirectory directory, int partition, PartitionHost host, bool isAwaited)
{
    private bool _hasServed = !isAwaited;
    private (Gossipdb.Crdt.Causality.ReplicaId Incarnation, int Version, int StandIns) _published = (default, -1, -1);
    private ulong _contradicting;

    /// <summary>Looks whether the partition serves, and who holds its slots.</summary>
    /// <returns>Whether it has begun to serve just now.</returns>
    public bool Tell()
    {
        var begins = !_hasServed && Serves();
        if (begins)
        {
            _hasServed = true;
            environment.Health.PartitionServes();
        }

        PublishHolders();
        return begins;
    }

    /// <summary>Looks whether other owners hold another state at the same clock.</summary>
    public void TellContradictions()
    {
        var contradicting = host.Replica?.Inspection.Contradicting ?? 0;
        if (_contradicting == contradicting) return;
        _contradicting = contradicting;
        if (contradicting == 0) return;
        var nodes = string.Join(", ", NodesOf(contradicting, host.Replica!));
        environment.Health.Warn($"partition {partition} holds another state than node {nodes} at the same clock: memory or disk is "
            + "damaged, on one side or the other. Where most owners agree the others take their state; look at the machines");
    }

    /// <summary>The owners at these slots.</summary>
    public static IEnumerable<NodeId> NodesOf(ulong slots, Replica replica)
    {
        for (var i = 0; i < replica.Peers.Slots.Length; i++)
            if ((slots & (1UL << i)) != 0) yield return replica.Peers.Slots[i].Node;
    }

    // Where the node has no part in the partition any more there is nothing to wait for.
    private bool Serves() => host.State != HostState.Open
        || host.Replica!.ServingState == ServingState.Serving
        || (host.Replica.ServingState == ServingState.WithoutSlot && host.Replica.Peers.IsTableKnown);

    private void PublishHolders()
    {
        if (host.Replica is not { } replica)
        {
            if (_published.Version < 0) return;
            _published = (default, -1, -1);
            directory.PublishHolders(partition, null, []);
            return;
        }

        var inspection = replica.Inspection;
        if (_published == (replica.Id, inspection.HoldersVersion, inspection.StandInsVersion)) return;
        _published = (replica.Id, inspection.HoldersVersion, inspection.StandInsVersion);
        if (!replica.Peers.IsTableKnown) return;
        directory.PublishHolders(
            partition, Array.ConvertAll(replica.Peers.Table(), static holder => holder.Node), [.. inspection.StandIns]);
    }
}
