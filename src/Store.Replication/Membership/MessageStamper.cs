using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Membership;

/// <summary>
/// The host, seen through a stamp on every message that leaves. The stamp says which slot the sender holds, and whether its clocks say all
/// that earlier incarnations made. Clocks leave out the retired ids that the receiver knows.
/// </summary>
internal sealed class MessageStamper(IReplicaEffects host, PeerKnowledge peers, Keyspace keys, PreviousIncarnations previousIncarnations)
    : IReplicaEffects
{
    public long SteadyMs => host.SteadyMs;

    public ClusterTime Time => host.Time;

    public void Append(ReplicaEvent applied, long position, bool awaited) => host.Append(applied, position, awaited);

    public void AppendRecord(byte[] record, long position, bool awaited) => host.AppendRecord(record, position, awaited);

    public void Send(NodeId to, PeerMessage message)
    {
        message.Claim = peers.Claim;
        if (message is ClocksMessage told)
        {
            told.RetiredHash = keys.Retired.Hash;
            told.LacksPast = !previousIncarnations.AreKnown();
        }

        if (!keys.Retired.IsEmpty && peers.Find(to)?.RetiredHash == keys.Retired.Hash) message = FoldedClocks.Fold(message, keys.Retired);
        host.Send(to, message);
    }

    public void Reply(WriteRequest request, in WriteResult result) => host.Reply(request, result);

    public void Reply(ReadRequest request, in ReadResult result) => host.Reply(request, result);

    public void Follow(WriteRequest request, Dot made, bool isRetry) => host.Follow(request, made, isRetry);

    public void Follow(ReadRequest request, ulong question) => host.Follow(request, question);

    public void Failed(string what, Exception unforeseen) => host.Failed(what, unforeseen);
}
