using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Counters;

// What accounts hold, and how it is drawn out of them.
public sealed partial class BoundedCounter
{
    /// <summary>
    /// The rows of the origin after it took an amount, or handed it over.
    /// It draws on one account after the other: first its own, then those it inherits.
    /// </summary>
    private BoundedRow[] Take(UpdateContext context, Int128 amount, Dot dot, Account? to)
    {
        var held = Held(context.Origin, context.Inherits);
        if (held < amount) throw new InsufficientRightsException(Clamped(amount), Clamped(held), TotalRights);
        var rows = new List<BoundedRow>(1);
        var accounts = Accounts();
        foreach (var account in accounts)
        {
            if (account.Replica != context.Origin || amount == 0) continue;
            var part = Part(account, amount);
            if (part == 0) continue;
            amount -= part;
            var totals = Current(account, dot, out var start);
            rows.Add(new BoundedRow(account, start, dot.Sequence, totals.Less(part, to), null));
        }

        if (amount != 0 && !context.Inherits.IsEmpty) amount = TakeInherited(rows, accounts, context, amount, dot, to);
        if (amount != 0) throw new OverflowException("more than one account's totals can hold");
        return [.. rows];
    }

    /// <summary>
    /// Goes on in the accounts of ended replicas.
    /// What is drawn out of one goes through a row of the heir's, which holds as much afterwards as before.
    /// </summary>
    /// <returns>What could not be taken.</returns>
    private Int128 TakeInherited(List<BoundedRow> rows, List<Account> accounts, UpdateContext context, Int128 amount, Dot dot, Account? to)
    {
        if (rows.Count == 0)
        {
            var first = new Account(context.Origin, 0);
            var totals = Current(first, dot, out var start);
            rows.Add(new BoundedRow(first, start, dot.Sequence, totals, null));
        }

        var row = rows[^1];
        foreach (var account in accounts)
        {
            if (amount == 0 || context.Inherits.BinarySearch(account.Replica) < 0) continue;
            var part = Part(account, amount);
            if (part == 0) continue;
            amount -= part;
            row = row with { Totals = row.Totals.With(new Transfer(account, -part)).Less(part, to) };
        }

        rows[^1] = row;
        return amount;
    }

    /// <summary>How much of an amount an account has.</summary>
    private long Part(Account account, Int128 amount) =>
        (long)Int128.Min(Int128.Min(amount, long.MaxValue), Int128.Max(Balance(account), 0));

    /// <summary>What to go on from in an account's row. Nothing, where all of it was reset.</summary>
    private Totals Current(Account account, Dot dot, out long start)
    {
        var index = IndexOf(account);
        var goesOn = index >= 0 && _rows[index].IsVisible;
        start = goesOn ? _rows[index].Start : dot.Sequence;
        return goesOn ? _rows[index].Totals : Totals.Zero;
    }

    /// <summary>What an account holds; below zero where it is overdrawn.</summary>
    private Int128 Balance(Account account)
    {
        var sum = account.Number == 0 ? _credits?.Of(account.Replica) ?? 0 : 0;
        foreach (var row in _rows) sum += row.Account == account ? row.Own : row.To(account);
        return sum;
    }

    /// <summary>What all accounts hold: nothing where overdrawn.</summary>
    private Int128 Sum(bool withPending)
    {
        Int128 sum = 0;
        foreach (var account in Accounts())
        {
            var pending = withPending && account.Number == 0 ? _tags.Credits?.Of(account.Replica) ?? 0 : 0;
            sum += Int128.Max(Balance(account) + pending, 0);
        }

        return sum;
    }

    /// <summary>What the accounts of one replica hold, and those of others it may draw on.</summary>
    private Int128 Held(ReplicaId replica, ReadOnlySpan<ReplicaId> inherited)
    {
        Int128 sum = 0;
        foreach (var account in Accounts())
        {
            if (account.Replica == replica || inherited.BinarySearch(account.Replica) >= 0) sum += Int128.Max(Balance(account), 0);
        }

        return sum;
    }

    /// <summary>Every account anything is known of, in ascending order.</summary>
    private List<Account> Accounts()
    {
        var accounts = new List<Account>(_rows.Length + 2);
        foreach (var row in _rows)
        {
            AddTo(accounts, row.Account);
            foreach (ref readonly var transfer in row.Totals.Transfers.AsSpan()) AddTo(accounts, transfer.To);
        }

        AddTo(accounts, _credits);
        AddTo(accounts, _tags.Credits);
        return accounts;
    }

    private static void AddTo(List<Account> accounts, Credits? credits)
    {
        for (var i = 0; i < credits?.Count; i++) AddTo(accounts, new Account(credits.ReplicaAt(i), 0));
    }

    private static void AddTo(List<Account> accounts, Account account)
    {
        var place = accounts.BinarySearch(account);
        if (place < 0) accounts.Insert(~place, account);
    }

    private static long Clamped(Int128 amount) => (long)Int128.Min(amount, long.MaxValue);

    private int IndexOf(Account account)
    {
        for (var i = 0; i < _rows.Length; i++)
        {
            var order = _rows[i].Account.CompareTo(account);
            if (order == 0) return i;
            if (order > 0) return ~i;
        }

        return ~_rows.Length;
    }
}
