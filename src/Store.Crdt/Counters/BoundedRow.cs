using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// An account of rights: a replica's first one (number 0), or one it opened later.
/// A later one is numbered by the sequence of the change that opened it.
/// </summary>
internal readonly record struct Account(ReplicaId Replica, long Number) : IComparable<Account>
{
    /// <inheritdoc/>
    public int CompareTo(Account other)
    {
        var byReplica = Replica.CompareTo(other.Replica);
        return byReplica != 0 ? byReplica : Number.CompareTo(other.Number);
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteReplicaId(Replica);
        writer.WriteVarint((ulong)Number);
    }

    internal static Account Decode(ref ByteReader reader)
    {
        var replica = reader.ReadReplicaId();
        var number = reader.ReadVarint();
        if (number > 1UL << 62) throw new CorruptDataException("an account's number is no sequence");
        return new Account(replica, (long)number);
    }

    /// <inheritdoc/>
    public override string ToString() => Number == 0 ? Replica.ToString() : $"{Replica}/{Number}";
}

/// <summary>
/// How much one account has handed to another one, all told.
/// Below zero where it has drawn on that one, whose owner has ended.
/// </summary>
internal readonly record struct Transfer(Account To, long Amount);

/// <summary>The running totals of an account. Never changed.</summary>
/// <param name="Net">What was added less what was taken.</param>
/// <param name="Transfers">What was handed to other accounts, in ascending order of account; no amount is 0.</param>
internal sealed record Totals(long Net, Transfer[] Transfers)
{
    internal static readonly Totals Zero = new(0, []);

    /// <summary>What the owner's own changes come to, without what others handed over.</summary>
    internal Int128 Own
    {
        get
        {
            Int128 sum = Net;
            foreach (ref readonly var transfer in Transfers.AsSpan()) sum -= transfer.Amount;
            return sum;
        }
    }

    internal long To(Account account)
    {
        foreach (ref readonly var transfer in Transfers.AsSpan())
        {
            if (transfer.To == account) return transfer.Amount;
        }

        return 0;
    }

    internal Totals With(Transfer more)
    {
        var place = 0;
        while (place < Transfers.Length && Transfers[place].To.CompareTo(more.To) < 0) place++;
        var isHeld = place < Transfers.Length && Transfers[place].To == more.To;
        if (isHeld) more = more with { Amount = checked(more.Amount + Transfers[place].Amount) };
        var rest = Transfers.AsSpan(isHeld ? place + 1 : place);
        return this with
        {
            Transfers = more.Amount == 0 ? [.. Transfers.AsSpan(0, place), .. rest] : [.. Transfers.AsSpan(0, place), more, .. rest],
        };
    }

    /// <summary>The totals after an amount was taken, or handed to an account.</summary>
    internal Totals Less(long amount, Account? to) =>
        to is { } other ? With(new Transfer(other, amount)) : this with { Net = checked(Net - amount) };

    internal bool Same(Totals other) => Net == other.Net && Transfers.AsSpan().SequenceEqual(other.Transfers);

    internal void Encode(ByteWriter writer)
    {
        writer.WriteSigned(Net);
        writer.WriteVarint((ulong)Transfers.Length);
        foreach (var (to, amount) in Transfers)
        {
            to.Encode(writer);
            writer.WriteSigned(amount);
        }
    }

    internal static Totals Decode(ref ByteReader reader)
    {
        var net = reader.ReadSigned();
        var transfers = new Transfer[reader.ReadCount(minimumBytesEach: 10)];
        for (var i = 0; i < transfers.Length; i++)
        {
            var to = Account.Decode(ref reader);
            var amount = reader.ReadSigned();
            if (amount == 0) throw new CorruptDataException("a transfer is of no amount there is");
            if (i > 0 && to.CompareTo(transfers[i - 1].To) <= 0)
                throw new CorruptDataException("transfers are not in ascending order of account");
            transfers[i] = new Transfer(to, amount);
        }

        return new Totals(net, transfers);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = $"{Net}";
        foreach (var (to, amount) in Transfers) text += $", {amount} to {to}";
        return text;
    }
}

/// <summary>
/// What the owner of an account did with it: totals from <see cref="Start"/> to <see cref="Sequence"/>, and the part that resets have
/// cancelled. It is written, started anew and joined as a <see cref="CounterEntry"/> is.
/// </summary>
internal sealed record BoundedRow(Account Account, long Start, long Sequence, Totals Totals, ResetBase<Totals>? Base)
{
    /// <summary>True where something was done that no reset has cancelled.</summary>
    internal bool IsVisible => Base is null || Sequence > Base.Sequence;

    /// <summary>What the owner's own changes come to, without what was cancelled.</summary>
    internal Int128 Own => Totals.Own - (Base?.Total.Own ?? 0);

    /// <summary>What was handed to an account, without what was cancelled.</summary>
    internal Int128 To(Account account) => (Int128)Totals.To(account) - (Base?.Total.To(account) ?? 0);

    internal BoundedRow Reset(Dot by) => this with { Base = new ResetBase<Totals>(Sequence, Totals, new DotSet(by)) };

    internal BoundedRow Join(BoundedRow other)
    {
        var later = other.Sequence > Sequence ? other : this;
        var joined = ResetBase<Totals>.Join(Base, other.Base);
        if (joined is not null && joined.Sequence < later.Start) joined = null;
        return ReferenceEquals(joined, later.Base) ? later : later with { Base = joined };
    }

    /// <summary>True where all was reset, and everyone knows.</summary>
    internal bool IsDeadAt(StableCut cut) => !IsVisible && Base!.IsKnownAt(cut);

    internal void Encode(ByteWriter writer)
    {
        Account.Encode(writer);
        writer.WriteVarint((ulong)Sequence);
        writer.WriteVarint((ulong)(Sequence - Start));
        Totals.Encode(writer);
        writer.WriteVarint(Base is null ? 0 : (ulong)(Base.Sequence - Start) + 1);
        if (Base is null) return;
        Base.Total.Encode(writer);
        Base.Resets.Encode(writer);
    }

    internal static BoundedRow Decode(ref ByteReader reader)
    {
        var account = Account.Decode(ref reader);
        var sequence = reader.ReadSequence();
        var span = reader.ReadVarint();
        if (span >= (ulong)sequence) throw new CorruptDataException("an account starts before the first change");
        var row = new BoundedRow(account, sequence - (long)span, sequence, Totals.Decode(ref reader), null);
        var reach = reader.ReadVarint();
        if (reach == 0) return row;
        if (reach - 1 > span) throw new CorruptDataException("an account's base is beyond its totals");
        var reset = new ResetBase<Totals>(row.Start + (long)(reach - 1), Totals.Decode(ref reader), DotSet.Decode(ref reader));
        if (reset.Resets.IsEmpty || (reset.Sequence == sequence && !reset.Total.Same(row.Totals)))
            throw new CorruptDataException("an account's base is not one of its totals");
        return row with { Base = reset };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Account}  {Start} to {Sequence}  {Totals}"
        + (Base is null ? "" : $", of which reset at {Base.Sequence} by {Base.Resets}: {Base.Total}");
}
