using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Contract;

/// <summary>
/// What a replica asks its host to do: the actor in a node, the simulator in tests. Effects are emitted in order while the replica
/// handles one input, and need not be carried out before it returns. The order that matters: what is appended to the
/// <see cref="IJournal"/> reaches the disk in the order it was appended, and the host reports it with <c>Persisted</c>; nothing that
/// promises durability is sent before that.
/// </summary>
internal interface IReplicaEffects : IJournal, ITimeSource
{
    /// <summary>Sends a message to the same partition's replica on another node. May be lost, delayed, duplicated or overtaken.</summary>
    void Send(NodeId to, PeerMessage message);

    /// <summary>Answers a write.</summary>
    void Reply(WriteRequest request, in WriteResult result);

    /// <summary>Answers a read. The state is borrowed: translate it before returning.</summary>
    void Reply(ReadRequest request, in ReadResult result);

    /// <summary>
    /// Something that was asked for could not be computed, for a reason nobody foresaw. Nothing was applied and the replica goes on; an
    /// operator is to know.
    /// </summary>
    /// <param name="what">What was asked for: its kind, nothing of its content.</param>
    /// <param name="unforeseen">What happened.</param>
    void Failed(string what, Exception unforeseen);
}
