using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// The part of an origin's running total that resets have cancelled: the total as of a sequence, and the resets that reach that far.
/// None of these resets has seen another, for a reset names only what is not reset yet.
/// </summary>
internal sealed record ResetBase<TTotal>(long Sequence, TTotal Total, DotSet Resets)
{
    /// <summary>True where everyone knows of one of the resets, and so of all it has seen.</summary>
    internal bool IsKnownAt(StableCut cut)
    {
        foreach (var reset in Resets.Span)
        {
            if (cut.Covers(reset)) return true;
        }

        return false;
    }

    internal static ResetBase<TTotal>? Join(ResetBase<TTotal>? mine, ResetBase<TTotal>? theirs)
    {
        if (theirs is null || ReferenceEquals(mine, theirs)) return mine;
        if (mine is null || theirs.Sequence > mine.Sequence) return theirs;
        return mine.Sequence > theirs.Sequence ? mine : mine with { Resets = DotSet.Union(mine.Resets, theirs.Resets) };
    }
}

/// <summary>
/// One origin's part of a counter. Only the origin writes it.
/// <see cref="Total"/> is the sum of its untagged increments from <see cref="Start"/> to <see cref="Sequence"/>. Beside it stands how
/// much of that was reset.
/// The origin starts a new sum when it sees that all of the old one was reset. Nothing below the start counts, so the old sum and its
/// base need not be remembered for the new one to be right.
/// Start and total are functions of the sequence, and a base's total is one of its sequence. So each joins by taking the greater
/// sequence, whatever the clocks.
/// </summary>
internal readonly record struct CounterEntry(ReplicaId Replica, long Start, long Sequence, long Total, ResetBase<long>? Base)
{
    /// <summary>True where an increment came that no reset has cancelled.</summary>
    internal bool IsVisible => Base is null || Sequence > Base.Sequence;

    /// <summary>What the origin contributes to the value.</summary>
    internal Int128 Contribution => (Int128)Total - (Base?.Total ?? 0);

    /// <summary>True where all was reset, and everyone knows. Then no increment of this sum is to come, and none to be learnt of.</summary>
    internal bool IsDeadAt(StableCut cut) => !IsVisible && Base!.IsKnownAt(cut);

    internal CounterEntry Reset(Dot by) => this with { Base = new ResetBase<long>(Sequence, Total, new DotSet(by)) };

    internal CounterEntry Join(in CounterEntry other)
    {
        ref readonly var later = ref (other.Sequence > Sequence ? ref other : ref this);
        if (Base is null && other.Base is null) return later;
        var joined = ResetBase<long>.Join(Base, other.Base);
        return later with { Base = joined!.Sequence >= later.Start ? joined : null };
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteReplicaId(Replica);
        writer.WriteVarint((ulong)Sequence);
        writer.WriteVarint((ulong)(Sequence - Start));
        writer.WriteSigned(Total);
        writer.WriteVarint(Base is null ? 0 : (ulong)(Base.Sequence - Start) + 1);
        if (Base is null) return;
        writer.WriteSigned(Base.Total);
        Base.Resets.Encode(writer);
    }

    internal static CounterEntry Decode(ref ByteReader reader)
    {
        var replica = reader.ReadReplicaId();
        var sequence = reader.ReadSequence();
        var span = reader.ReadVarint();
        if (span >= (ulong)sequence) throw new CorruptDataException("a counter's sum starts before the first change");
        var entry = new CounterEntry(replica, sequence - (long)span, sequence, reader.ReadSigned(), null);
        var reach = reader.ReadVarint();
        if (reach == 0) return entry;
        if (reach - 1 > span) throw new CorruptDataException("a counter's base is beyond its total");
        var reset = new ResetBase<long>(entry.Start + (long)(reach - 1), reader.ReadSigned(), DotSet.Decode(ref reader));
        if (reset.Resets.IsEmpty || (reset.Sequence == sequence && reset.Total != entry.Total))
            throw new CorruptDataException("a counter's base is not one of its totals");
        return entry with { Base = reset };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Replica}:{Start} to {Sequence}  total {Total}"
        + (Base is null ? "" : $", of which {Base.Total} reset at {Base.Sequence} by {Base.Resets}");
}
