using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Wire;

/// <summary>Asks for events that the sender's clock does not cover.</summary>
internal sealed record FetchMessage(ReplicaId Sender, VersionVector Clock) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer) => Clock.Encode(writer);
}
