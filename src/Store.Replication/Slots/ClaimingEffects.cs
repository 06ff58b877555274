namespace Gossipdb.Replication;

/// <summary>The host, with every message that leaves saying which slot its sender holds.</summary>
internal sealed class ClaimingEffects(IReplicaEffects host, PeerKnowledge peers) : IReplicaEffects
{
    public long SteadyMs => host.SteadyMs;

    public void Append(ReplicaEvent applied, long position, bool awaited) => host.Append(applied, position, awaited);

    public void AppendRecord(byte[] record, long position, bool awaited) => host.AppendRecord(record, position, awaited);

    public void Send(NodeId to, PeerMessage message)
    {
        message.Claim = peers.Claim;
        host.Send(to, message);
    }

    public void Reply(WriteRequest request, in WriteResult result) => host.Reply(request, result);

    public void Reply(ReadRequest request, in ReadResult result) => host.Reply(request, result);
}
