using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>A node that does nothing but keep what its partition's host asked for.</summary>
internal sealed class RecordingShell : IHostShell
{
    private ulong _lastId = 0xa0;

    public long SteadyMs => Trio.Now;

    public ClusterTime Time => RecordingEffects.At(Trio.Now);

    public IEnumerable<NodeId> Near => [];

    public IEnumerable<NodeId> Refusing => [];

    public List<JournalBatch> Batches { get; } = [];

    public List<Outcome> Outcomes { get; } = [];

    public ReplicaId NextId() => new(++_lastId);

    public void Append(JournalBatch batch) => Batches.Add(batch);

    public void Send(NodeId to, PeerMessage message)
    {
    }

    public void Failed(string what, Exception unforeseen) => throw unforeseen;

    public void Reply(WriteRequest request, in WriteResult result) => Outcomes.Add(result.Outcome);

    public void Reply(ReadRequest request, in ReadResult result) => Outcomes.Add(result.Outcome);
}
