using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Wire;

/// <summary>Tells the holders of the partition's slots, as far as the sender knows them.</summary>
/// <param name="Sender">The sending incarnation.</param>
/// <param name="Table">The holders, by slot.</param>
/// <param name="AnswerWanted">True where the sender wants the receiver's table in any case.</param>
public sealed record SlotsMessage(ReplicaId Sender, SlotHolder[] Table, bool AnswerWanted) : PeerMessage(Sender)
{
    /// <summary>
    /// True where a node holds a slot, or a slot was sealed for it, or it has sealed one that was not taken up yet. It may know nothing of
    /// that: not yet, or not any more where it has lost its disk.
    /// </summary>
    public bool GivesPartTo(NodeId node)
    {
        foreach (var holder in Table)
            if (holder.Epoch > 0 && holder.Involves(node)) return true;
        return false;
    }

    /// <inheritdoc/>
    protected override void EncodeBody(ByteWriter writer)
    {
        writer.WriteBool(AnswerWanted);
        SlotHolder.Encode(writer, Table);
    }

    internal static SlotsMessage DecodeBody(ReplicaId sender, ref ByteReader reader)
    {
        var answerWanted = reader.ReadBool();
        return new SlotsMessage(sender, SlotHolder.DecodeTable(ref reader), answerWanted);
    }
}
