using System.Security.Cryptography;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Partitions;

/// <summary>Carries out what the host of a partition, or of its stand-in, wants done.</summary>
/// <param name="node">The node.</param>
/// <param name="directory">Its partitions.</param>
/// <param name="partition">The partition.</param>
/// <param name="journal">The number of its journal: a stand-in has one of its own.</param>
/// <param name="first">The name of the first life: one for all that this process begins with, because a dot is named within its
/// partition.</param>
internal sealed class HostShell(PartitionEnvironment node, PartitionDirectory directory, int partition, int journal, ReplicaId first)
    : IHostShell
{
    private bool _hasBegun;

    public long SteadyMs => node.Clock.SteadyMs;

    public ClusterTime Time => node.Clock.ClusterTime;

    public IEnumerable<NodeId> Near
    {
        get
        {
            // Whoever comes within reach from here on is told of to the partition's part, which is known by now.
            foreach (var other in node.Links.Nodes)
                if (directory.Placement.IsReachable(other)) yield return other;
        }
    }

    public IEnumerable<NodeId> Refusing
    {
        get
        {
            foreach (var other in node.Links.Nodes)
                if (!directory.Placement.TakesWrites(other)) yield return other;
            if (node.Health.RefusesWrites) yield return node.Settings.Id;
        }
    }

    /// <summary>A name never used before.</summary>
    public static ReplicaId NewId(NodeClock clock) =>
        ReplicaId.Create(clock.WallMs, (uint)RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue));

    public ReplicaId NextId()
    {
        if (_hasBegun) return NewId(node.Clock);
        _hasBegun = true;
        return first;
    }

    public void Append(JournalBatch batch) =>
        node.Journal.Append(new CommitLog.Append(journal, batch.Incarnation, batch.Position, batch.Records, batch.Bytes, batch.IsAwaited)
        {
            Spans = node.Traces.Open(journal)?.Appending(),
        });

    public void Send(NodeId to, PeerMessage message)
    {
        var marks = node.Traces.Open(journal)?.Sending(to, message);
        if (node.Links.TryFind(to, out var link)) link.Send(partition, message, marks);
        else if (to == node.Settings.Id) directory.Deliver(partition, to, message, marks);
    }

    public void Follow(WriteRequest request, Dot made, bool isRetry) => node.Traces.Follow(journal).Follow(
        ((PartitionWrite)request).Trace!, made, request.Durability == Durability.Journal, request.DeadlineMs, isRetry);

    public void Follow(ReadRequest request, ulong question) =>
        node.Traces.Follow(journal).Follow(((PartitionRead)request).Trace!, question, request.DeadlineMs);

    public void Failed(string what, Exception unforeseen) => node.Health.CallFailed(directory.NameOf(journal), what, unforeseen);

    public void Reply(WriteRequest request, in WriteResult result) => ((PartitionWrite)request).Answer(partition, result);

    public void Reply(ReadRequest request, in ReadResult result) => ((PartitionRead)request).Answer(partition, result);
}
