using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Contract;

/// <summary>
/// What a replica asks its host to do. The host is an actor in a node, and the simulator in tests. A replica emits effects in order while
/// it handles one input. They need not be carried out before it returns.
/// <para>One order matters. What is appended to the <see cref="IJournal"/> reaches the disk in the order of appending, and the host reports
/// that with <c>Persisted</c>. A replica sends nothing that promises durability before that.</para>
/// </summary>
internal interface IReplicaEffects : IJournal, ITimeSource
{
    /// <summary>
    /// Sends a message to the same partition's replica on another node. It may be lost, delayed, duplicated or overtaken.
    /// </summary>
    void Send(NodeId to, PeerMessage message);

    /// <summary>Answers a write.</summary>
    void Reply(WriteRequest request, in WriteResult result);

    /// <summary>Answers a read. The state is borrowed: translate it before returning.</summary>
    void Reply(ReadRequest request, in ReadResult result);

    /// <summary>A write that is followed waits for the acks of this event.</summary>
    /// <param name="request">The write.</param>
    /// <param name="made">The event's last dot.</param>
    /// <param name="isRetry">True where an earlier request of the same name has made the event, and not this one, now.</param>
    void Follow(WriteRequest request, Dot made, bool isRetry);

    /// <summary>A read that is followed is about to be asked of others, under this number.</summary>
    void Follow(ReadRequest request, ulong question);

    /// <summary>
    /// Tells an operator that something that was asked for could not be computed, for a reason nobody foresaw. Nothing was applied, and the
    /// replica goes on.
    /// </summary>
    /// <param name="what">The kind of what was asked for; nothing of its content.</param>
    /// <param name="unforeseen">What happened.</param>
    void Failed(string what, Exception unforeseen);
}
