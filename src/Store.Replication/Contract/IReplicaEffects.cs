using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Contract;

/// <summary>
/// What a replica asks its host to do: the actor in a node, the simulator in tests. Effects are emitted in order while the replica handles one
/// input, and need not be carried out before it returns. The order that matters: <see cref="Append"/>s reach the disk in the order they were made,
/// and the host reports them with <see cref="Replica.Persisted"/>; nothing that promises durability is sent before that.
/// </summary>
public interface IReplicaEffects
{
    /// <summary>
    /// Appends an event to the journal. Answer with <see cref="Replica.Persisted"/> once it and everything before it is durable: soon where
    /// somebody waits for it (<paramref name="awaited"/>), else when it suits.
    /// </summary>
    void Append(ReplicaEvent applied, long position, bool awaited);

    /// <summary>
    /// Appends a record that is not an event, by the same rules and in the same order. Every record, an event's included, says by its first byte
    /// what it is (<see cref="JournalRecordKind"/>); <see cref="Replica.Recover"/> takes them all back.
    /// </summary>
    void AppendRecord(byte[] record, long position, bool awaited);

    /// <summary>Sends a message to the same partition's replica on another node. May be lost, delayed, duplicated or overtaken.</summary>
    void Send(NodeId to, PeerMessage message);

    /// <summary>
    /// Milliseconds from whatever moment on, by a clock that is never set: what every duration is measured by. The <c>nowMs</c> that a
    /// replica's inputs bring is this clock's too.
    /// </summary>
    long SteadyMs { get; }

    /// <summary>The cluster's time, as far as it is known: what events, lives and names are stamped with.</summary>
    ClusterTime Time { get; }

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
