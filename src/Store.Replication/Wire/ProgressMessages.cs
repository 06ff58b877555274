using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Wire;

/// <summary>Asks an owner what it has applied.</summary>
/// <param name="Sender">The asking incarnation.</param>
/// <param name="AskedAtMs">
/// When it asks, in milliseconds of the asker's steady time. It comes back with the answer and means nothing to anybody else.
/// </param>
public sealed record ProgressQueryMessage(ReplicaId Sender, long AskedAtMs) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer) => writer.WriteSigned(AskedAtMs);
}

/// <summary>The answer: everything the sender had applied at a moment after it was asked.</summary>
/// <param name="Sender">The answering incarnation.</param>
/// <param name="Asker">The incarnation that asked. The steady clock of another incarnation is another clock.</param>
/// <param name="AskedAtMs">The question's moment.</param>
/// <param name="Applied">The sender's clock.</param>
public sealed record ProgressAnswerMessage(ReplicaId Sender, ReplicaId Asker, long AskedAtMs, VersionVector Applied) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteReplicaId(Asker);
        writer.WriteSigned(AskedAtMs);
        Applied.Encode(writer);
    }
}
