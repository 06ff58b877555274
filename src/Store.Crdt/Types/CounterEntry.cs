namespace Gossipdb.Crdt;

/// <summary>
/// One origin's part of a counter: the sum <see cref="Total"/> of its untagged increments up to the one with <see cref="Sequence"/>,
/// and how much of that was reset: the total as of <see cref="BaseSequence"/> (0: nothing). Both pairs only grow in sequence, and a
/// total is a function of its sequence, so each joins by taking the greater sequence, whatever the clocks.
/// </summary>
internal readonly record struct CounterEntry(ReplicaId Replica, long Sequence, long Total, long BaseSequence, long BaseTotal)
{
    /// <summary>True where an increment came that no reset has cancelled.</summary>
    internal bool IsVisible => Sequence > BaseSequence;

    /// <summary>What the origin contributes to the value.</summary>
    internal Int128 Contribution => (Int128)Total - BaseTotal;

    internal CounterEntry Reset() => this with { BaseSequence = Sequence, BaseTotal = Total };

    internal CounterEntry Join(in CounterEntry other)
    {
        var (sequence, total) = other.Sequence > Sequence ? (other.Sequence, other.Total) : (Sequence, Total);
        var (baseSequence, baseTotal) = other.BaseSequence > BaseSequence ? (other.BaseSequence, other.BaseTotal) : (BaseSequence, BaseTotal);
        return new CounterEntry(Replica, sequence, total, baseSequence, baseTotal);
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteReplicaId(Replica);
        writer.WriteVarint((ulong)Sequence);
        writer.WriteSigned(Total);
        writer.WriteVarint((ulong)BaseSequence);
        if (BaseSequence > 0) writer.WriteSigned(BaseTotal);
    }

    internal static CounterEntry Decode(ref ByteReader reader)
    {
        var replica = reader.ReadReplicaId();
        var sequence = reader.ReadSequence();
        var total = reader.ReadSigned();
        var baseSequence = reader.ReadVarint();
        var baseTotal = baseSequence > 0 ? reader.ReadSigned() : 0;
        if (baseSequence > (ulong)sequence || (baseSequence == (ulong)sequence && baseTotal != total))
            throw new CorruptDataException("a counter's base is not one of its totals");
        return new CounterEntry(replica, sequence, total, (long)baseSequence, baseTotal);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Replica}:{Sequence}  total {Total}" + (BaseSequence > 0 ? $", of which {BaseTotal} reset at {BaseSequence}" : "");
}
