using Akka.Actor;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Actors;

/// <summary>
/// Starts the actors of partitions, stand-ins and links: those that the journal or the layout asks for at the node's start, and those
/// that are asked for later. Before the journal's end no partition
/// has an actor: what is heard of it is dropped, because peers repeat themselves and layouts are looked at again at the end. Any thread.
/// </summary>
internal sealed class NodeActors(ActorSystem system, NodeContext node, Gateway gateway, ILoggerFactory loggers)
{
    private readonly Lock _gate = new();
    private readonly IActorRef?[] _partitions = new IActorRef?[node.Partitions.Length];

    /// <summary>
    /// The actor of a partition, which may have no part in it; started where there is none. Null while the journal is read.
    /// </summary>
    public IActorRef? Partition(int partition)
    {
        lock (_gate)
        {
            return node.IsJournalRead ? Start(partition, isAwaited: false) : null;
        }
    }

    /// <summary>
    /// The actor that stands in for a partition's absent owners; started where there is none. Null while the journal is read.
    /// </summary>
    public IActorRef? FallbackReplica(int partition)
    {
        lock (_gate)
        {
            return node.IsJournalRead ? StartFallback(partition) : null;
        }
    }

    /// <summary>
    /// The journal has been read to its end: what it holds, and what the newest layout gives to this node, is opened. The node is ready
    /// once what it owns serves.
    /// </summary>
    public void JournalRead()
    {
        lock (_gate)
        {
            var layout = node.Layout;
            var owned = 0;
            for (var partition = 0; partition < _partitions.Length; partition++)
                if (layout.Owns(node.Settings.Id, partition)) owned++;
            node.Health.ExpectPartitions(owned);
            node.IsJournalRead = true;
            for (var partition = 0; partition < _partitions.Length; partition++)
            {
                // Of partitions that the layout gives to others by now this node may still hold what they lack.
                var owns = layout.Owns(node.Settings.Id, partition);
                if (owns || node.Hosts.Partitions[partition].IsKept) Start(partition, isAwaited: owns);
                if (node.Hosts.StandIns[partition].FallbackReplica is not null) StartFallback(partition);
            }
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

    private IActorRef Start(int partition, bool isAwaited)
    {
        if (_partitions[partition] is not { } actor)
        {
            _partitions[partition] = actor = system.ActorOf(Props.Create(() => new PartitionActor(node, partition, node.Hosts.Partitions[partition], isAwaited)), $"partition-{partition}");
            node.Partitions[partition] = actor;
            node.Guardian.Tell(new NodeGuardian.Watch($"partition {partition}", actor));
            actor.Tell(PartitionActor.JournalRead.Instance);
        }

        // What comes for the partition from here on goes to the actor, which takes the reference away again where it has no part in it.
        node.Partitions[partition] = actor;
        return actor;
    }

    private IActorRef StartFallback(int partition)
    {
        if (node.StandIns[partition] is { } open) return open;
        var actor = system.ActorOf(Props.Create(() => new StandInActor(node, partition, node.Hosts.StandIns[partition])), $"stand-in-{partition}");
        node.StandIns[partition] = actor;
        node.Guardian.Tell(new NodeGuardian.Watch($"the stand-in of partition {partition}", actor));
        actor.Tell(PartitionActor.JournalRead.Instance);
        return actor;
    }
}
