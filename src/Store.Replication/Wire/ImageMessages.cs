using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Wire;

/// <summary>Answers a fetch whose clock the sender's event log does not reach back to. What is missing comes as an image.</summary>
internal sealed record BeyondLogMessage(ReplicaId Sender) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
    }
}

/// <summary>Asks for the next slice of an image. The asker sets the pace: one slice is under way at a time.</summary>
/// <param name="Sender">The asking incarnation.</param>
/// <param name="Session">The image's name, drawn by the asker.</param>
/// <param name="Index">The number of the slice. The one before it has arrived.</param>
/// <param name="Since">What the asker has. Empty where it wants every key.</param>
/// <param name="Seal">
/// The slot that is to go to the asker with the image, and its new epoch. None where the asker wants the image alone.
/// </param>
internal sealed record ImageRequestMessage(ReplicaId Sender, ulong Session, int Index, VersionVector Since, SlotClaim Seal)
    : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteFixed64(Session);
        writer.WriteVarint((ulong)Index);
        Since.Encode(writer);
        writer.WriteVarint((ulong)(Seal.Slot + 1));
        writer.WriteVarint((ulong)Seal.Epoch);
    }

    internal static ImageRequestMessage DecodeBody(ReplicaId sender, ref ByteReader reader) =>
        new(sender, reader.ReadFixed64(), (int)Math.Min(reader.ReadVarint(), int.MaxValue), VersionVector.Decode(ref reader),
            new SlotClaim((int)Math.Min(reader.ReadVarint(), 65) - 1, (long)reader.ReadVarint()));
}

/// <summary>A slice of an image. The last one carries the head.</summary>
/// <param name="Sender">The answering incarnation.</param>
/// <param name="Session">The image's name.</param>
/// <param name="Index">
/// The number of the slice. -1 refuses: nothing can be built on what the asker has, and it must ask for every key.
/// </param>
/// <param name="Slice">The keys.</param>
/// <param name="Head">What the image is of; null before the last slice.</param>
/// <param name="Table">
/// With the last slice of an image that comes with a slot: the holders of all slots, as the sender knows them and has promised them. Null
/// elsewhere.
/// </param>
internal sealed record ImageSliceMessage(
    ReplicaId Sender, ulong Session, int Index, ReadOnlyMemory<byte> Slice, ReadOnlyMemory<byte> Head,
    SlotHolder[]? Table = null) : PeerMessage(Sender)
{
    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteFixed64(Session);
        writer.WriteSigned(Index);
        writer.WriteBytes(Slice.Span);
        writer.WriteBytes(Head.Span);
        writer.WriteBool(Table is not null);
        if (Table is not null) SlotHolder.Encode(writer, Table);
    }

    internal static ImageSliceMessage DecodeBody(ReplicaId sender, ref ByteReader reader) =>
        new(
            sender, reader.ReadFixed64(), (int)reader.ReadSigned(), reader.ReadSpan().ToArray(), reader.ReadSpan().ToArray(),
            reader.ReadBool() ? SlotHolder.DecodeTable(ref reader) : null);
}
