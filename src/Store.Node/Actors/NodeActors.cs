using Akka.Actor;
using Gossipdb.Crdt;
using Gossipdb.Node.Server;
using Gossipdb.Replication;

namespace Gossipdb.Node.Actors;

/// <summary>Starts the actors of partitions and links: those of the layout at the node's start, and those that a later layout asks for. Any thread.</summary>
internal sealed class NodeActors(ActorSystem system, NodeContext node, Gateway gateway, ILoggerFactory loggers)
{
    private readonly Lock _gate = new();
    private readonly int[] _opened = new int[node.Partitions.Length];

    // One identity for all that this process begins with: a dot is named within its partition. Stand-ins have another: a node may be both, one after the other.
    private readonly ReplicaId _id = NewId(node);
    private readonly ReplicaId _standInId = NewId(node);

    /// <summary>The actor of a partition; started where there is none.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="isRecovering">True while the journal is read: the actor waits for its end.</param>
    public IActorRef OpenPartition(int partition, bool isRecovering)
    {
        lock (_gate)
        {
            if (node.Partitions[partition] is { } open) return open;

            // A partition that was given up and comes back is another replica.
            var times = _opened[partition]++;
            var id = times == 0 ? _id : NewId(node);
            var name = times == 0 ? $"partition-{partition}" : $"partition-{partition}-{times}";
            var actor = system.ActorOf(Props.Create(() => new PartitionActor(node, partition, id, isRecovering)), name);
            node.Partitions[partition] = actor;
            node.Guardian.Tell(new NodeGuardian.Watch($"partition {partition}", actor));
            if (!isRecovering) actor.Tell(PartitionActor.RecoveryDone.Instance);
            return actor;
        }
    }

    /// <summary>The actor that stands in for a partition's absent owners; started where there is none.</summary>
    public IActorRef OpenStandIn(int partition)
    {
        lock (_gate)
        {
            if (node.StandIns[partition] is { } open) return open;
            var actor = system.ActorOf(Props.Create(() => new StandInActor(node, partition, _standInId)), $"stand-in-{partition}");
            node.StandIns[partition] = actor;
            node.Guardian.Tell(new NodeGuardian.Watch($"the stand-in of partition {partition}", actor));
            if (node.IsJournalRead) actor.Tell(PartitionActor.RecoveryDone.Instance);
            return actor;
        }
    }

    /// <summary>A partition has been given up.</summary>
    public void PartitionClosed(int partition)
    {
        lock (_gate)
        {
            if (node.Partitions[partition] is { } closed) node.Guardian.Tell(new NodeGuardian.Release(closed));
            node.Holders[partition] = null;
            node.Partitions[partition] = null;
            if (node.Layout.Owns(node.Settings.Id, partition)) OpenPartition(partition, isRecovering: false);
        }
    }

    /// <summary>Starts the link to a node, where there is none and its address is known.</summary>
    public void OpenLink(NodeId remote)
    {
        lock (_gate)
        {
            if (remote == node.Settings.Id || node.Links.ContainsKey(remote) || node.AddressOf(remote) is not { } address) return;
            var cluster = Akka.Cluster.Cluster.Get(system);
            Func<bool> isMember = () => cluster.SelfMember.Status == Akka.Cluster.MemberStatus.Up;
            var otherEnd = PeerLink.OtherEnd(system, node.Settings, address);
            var link = system.ActorOf(
                Props.Create(() => new PeerLink(node, remote, otherEnd, gateway.TakeFrame, isMember, loggers.CreateLogger<PeerLink>())), PeerLink.NameFor(remote));
            node.Links[remote] = link;
            node.Guardian.Tell(new NodeGuardian.Watch($"the link to node {remote}", link));
        }
    }

    private static ReplicaId NewId(NodeContext node) =>
        ReplicaId.Create(node.Clock.WallMs, (uint)System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue));
}
