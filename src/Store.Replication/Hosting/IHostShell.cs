using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Hosting;

/// <summary>
/// What a <see cref="PartitionHost"/> or a <see cref="FallbackHost"/> asks of its node. In a node an actor answers, in tests the simulator.
/// No method may call the host back before it returns.
/// </summary>
public interface IHostShell
{
    /// <summary>Steady time in milliseconds: that of every <c>nowMs</c>.</summary>
    long SteadyMs { get; }

    /// <summary>The cluster's time, as far as it is known.</summary>
    ClusterTime Time { get; }

    /// <summary>The nodes within reach, without this one.</summary>
    IEnumerable<NodeId> Near { get; }

    /// <summary>The nodes whose journals take no writes, as far as is known. This node may be among them.</summary>
    IEnumerable<NodeId> Refusing { get; }

    /// <summary>An id for an incarnation that begins. It was never used before in this partition.</summary>
    ReplicaId NextId();

    /// <summary>
    /// Appends to the journal, behind all that was appended before. Once the batch is durable, call <c>Persisted</c> with its incarnation
    /// and position.
    /// </summary>
    void Append(JournalBatch batch);

    /// <summary>
    /// Sends a message to the same partition on another node, or to this node's fallback replica. It may be lost, delayed, duplicated or
    /// overtaken.
    /// </summary>
    void Send(NodeId to, PeerMessage message);

    /// <summary>A write that is followed (<see cref="ClientRequest.IsFollowed"/>) waits for the acks of this event.</summary>
    /// <inheritdoc cref="IReplicaEffects.Follow(WriteRequest, Dot, bool)"/>
    void Follow(WriteRequest request, Dot made, bool isRetry)
    {
    }

    /// <summary>
    /// A read that is followed is about to be asked of others, in a <see cref="ReadQueryMessage"/> with this number.
    /// </summary>
    void Follow(ReadRequest request, ulong question)
    {
    }

    /// <summary>Tells an operator that something that was asked for could not be computed, for a reason nobody foresaw.</summary>
    void Failed(string what, Exception unforeseen);

    /// <summary>Answers a write.</summary>
    void Reply(WriteRequest request, in WriteResult result);

    /// <summary>Answers a read. The state is borrowed: translate it before returning.</summary>
    void Reply(ReadRequest request, in ReadResult result);
}
