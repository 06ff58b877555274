using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Wire;

/// <summary>
/// Asks the holder of another slot for a promise of a slot whose holder is lost. A promiser refuses, durably and from then on, whatever is
/// claimed of that slot under an older epoch.
/// </summary>
/// <param name="Sender">The newcomer's incarnation.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Epoch">The epoch it is to have: a forced one.</param>
internal sealed record PromiseRequestMessage(ReplicaId Sender, int Slot, long Epoch) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Slot);
        writer.WriteVarint((ulong)Epoch);
    }

    internal static PromiseRequestMessage DecodeBody(ReplicaId sender, ref ByteReader reader) =>
        new(sender, (int)Math.Min(reader.ReadVarint(), int.MaxValue), (long)reader.ReadVarint());
}

/// <summary>The answer to a request for a promise. The promise is on disk, or it is not given.</summary>
/// <param name="Sender">The answering incarnation.</param>
/// <param name="Slot">The slot asked for.</param>
/// <param name="Epoch">The epoch asked for.</param>
/// <param name="Clock">
/// All that the sender had applied when it answered. That includes everything it acked before it promised. Null where it does not promise.
/// </param>
/// <param name="Table">
/// The holders as the sender knows them. Where it does not promise, this mostly says why. It also passes on what the sender promised to
/// others.
/// </param>
internal sealed record PromiseAnswerMessage(ReplicaId Sender, int Slot, long Epoch, VersionVector? Clock, SlotHolder[] Table)
    : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Slot);
        writer.WriteVarint((ulong)Epoch);
        writer.WriteBool(Clock is not null);
        Clock?.Encode(writer);
        SlotHolder.Encode(writer, Table);
    }

    internal static PromiseAnswerMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var slot = (int)Math.Min(reader.ReadVarint(), int.MaxValue);
        var epoch = (long)reader.ReadVarint();
        var clock = reader.ReadBool() ? VersionVector.Decode(ref reader) : null;
        return new PromiseAnswerMessage(sender, slot, epoch, clock, SlotHolder.DecodeTable(ref reader));
    }
}
