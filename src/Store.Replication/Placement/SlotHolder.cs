using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Placement;

/// <summary>
/// The holder of one of a partition's N slots. Quorums count slots, and a slot has one holder at a time (hard case 2). A slot moves by a
/// hand-over: the old holder seals it and the new one takes it up, each durably. The new epoch is one higher.
/// </summary>
/// <param name="Node">The holder, or the node that is to hold it.</param>
/// <param name="Epoch">Rises with every move; 0 where nothing is known.</param>
/// <param name="IsHeld">False between seal and take-up. The slot counts towards nothing then.</param>
/// <param name="From">The node that handed it over, or the lost node that it was taken from; the holder itself where there is none.</param>
public readonly record struct SlotHolder(NodeId Node, long Epoch, bool IsHeld, NodeId From)
{
    /// <summary>The holders that a partition begins with.</summary>
    public static SlotHolder[] Founding(IReadOnlyList<NodeId> owners) => Each(owners, epoch: 1);

    /// <summary>The table where nothing is known except who should hold the slots one day.</summary>
    public static SlotHolder[] Unknown(IReadOnlyList<NodeId> owners) => Each(owners, epoch: 0);

    /// <summary>True of the node that holds the slot, and of the two between which it is on its way.</summary>
    internal bool Involves(NodeId node) => Node == node || (!IsHeld && From == node);

    private static SlotHolder[] Each(IReadOnlyList<NodeId> owners, long epoch)
    {
        var table = new SlotHolder[owners.Count];
        for (var i = 0; i < table.Length; i++) table[i] = new SlotHolder(owners[i], epoch, epoch > 0, owners[i]);
        return table;
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Node.Value);
        writer.WriteVarint((ulong)Epoch);
        writer.WriteBool(IsHeld);
        writer.WriteVarint((ulong)From.Value);
    }

    internal static SlotHolder Decode(ref ByteReader reader) =>
        new(new NodeId((int)reader.ReadVarint()), (long)reader.ReadVarint(), reader.ReadBool(), new NodeId((int)reader.ReadVarint()));

    internal static void Encode(ByteWriter writer, IReadOnlyList<SlotHolder> table)
    {
        writer.WriteVarint((ulong)table.Count);
        for (var i = 0; i < table.Count; i++) table[i].Encode(writer);
    }

    internal static SlotHolder[] DecodeTable(ref ByteReader reader)
    {
        var table = new SlotHolder[reader.ReadCount(minimumBytesEach: 4)];
        for (var i = 0; i < table.Length; i++) table[i] = Decode(ref reader);
        return table;
    }
}

/// <summary>
/// What the sender of a message holds. Every message carries it. So what an earlier holder says is never taken for the present holder's
/// word.
/// </summary>
/// <param name="Slot">The slot; -1 where it holds none.</param>
/// <param name="Epoch">The epoch under which it holds the slot.</param>
public readonly record struct SlotClaim(int Slot, long Epoch)
{
    /// <summary>The claim of a replica that holds no slot.</summary>
    public static SlotClaim None => new(-1, 0);
}
