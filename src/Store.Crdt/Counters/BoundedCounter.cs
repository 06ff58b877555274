using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// A counter that never goes below zero, on any side of a cut.
/// An increment gives its origin the right to take as much again. A decrement uses up rights of its origin.
/// A transfer hands rights to another replica. A replica without enough rights refuses.
/// <para>
/// Rights are kept in accounts, one per replica. Only the owner of an account writes its row: running totals of what it added, took and
/// handed over. The value is what all accounts hold.
/// The heir of a replica that has ended draws on that one's account (<see cref="UpdateContext.Inherits"/>).
/// It does so by an entry in its own row: a transfer of less than nothing.
/// </para>
/// <para>
/// An operation with an id is tagged, and counts once in the value.
/// The first attempt of an increment gives rights at once, for there is only one such attempt.
/// A retry gives none until no further execution can come: until the operation is stable, and past its deadline.
/// Every execution of a decrement uses up rights. Then <see cref="Collect"/> settles the operation:
/// it gives rights for one of the retries where the first attempt was never executed, and gives back those of all decrements but one.
/// So rights never exceed the value, in whatever order a replica hears of the executions.
/// </para>
/// <para>
/// A deletion cancels what the rows it has seen had come to. Concurrent increments survive.
/// What was taken concurrently out of cancelled stock overdraws the account, which counts as empty from then on.
/// Its owner's next increment opens another account, and is there in full.
/// This never makes a right: with everything cancelled put back, every account holds zero or more, and all together hold what was added
/// less what was taken.
/// </para>
/// <para>Source: Balegas et al., "Extending eventually consistent cloud databases for enforcing numeric invariants" (2015), section 4;
/// ids, deletion and accounts are this project's.</para>
/// </summary>
public sealed partial class BoundedCounter : Crdt
{
    // In ascending order of account, one each.
    private BoundedRow[] _rows = [];
    private CounterTags _tags;
    private VersionVector? _resets;

    // What settled operations gave. It is there until a reset: every reset has seen all of it. Never changed.
    private Credits? _credits;

    internal BoundedCounter()
    {
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.BoundedCounter;

    /// <inheritdoc/>
    public override bool IsVisible
    {
        get
        {
            if (_credits is not null || _tags.Live > 0) return true;
            foreach (var row in _rows)
            {
                if (row.IsVisible) return true;
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public override bool IsBottom => _rows.Length == 0 && _tags.Count == 0 && _resets is null && _credits is null;

    /// <inheritdoc/>
    public override long ApproximateBytes =>
        4 + (32L * _rows.Length) + (32L * _tags.Count) + (10L * ((_resets?.Count ?? 0) + (_credits?.Count ?? 0)));

    /// <summary>What is left: zero or more.</summary>
    public long Value => Clamped(Sum(withPending: true));

    /// <summary>How much a replica may take or hand over now, as far as this state knows. No other replica's doing makes it less.</summary>
    public long Rights(ReplicaId replica) => Rights(replica, []);

    /// <summary>The same of a replica that may also draw on the accounts of others, which have ended.</summary>
    /// <param name="replica">Who takes.</param>
    /// <param name="inherited">The ended replicas whose heir it is, in ascending order.</param>
    public long Rights(ReplicaId replica, ReadOnlySpan<ReplicaId> inherited) => Clamped(Held(replica, inherited));

    /// <summary>How much all replicas together may take now: the value, less what operations with an id have yet to give.</summary>
    public long TotalRights => Clamped(Sum(withPending: false));

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot) =>
        _tags.TryGetExecution(id, out dot);

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<BoundedCounter>(other);
        foreach (var row in theirs._rows)
        {
            var index = IndexOf(row.Account);
            if (index >= 0) _rows[index] = _rows[index].Join(row);
            else _rows = [.. _rows.AsSpan(0, ~index), row, .. _rows.AsSpan(~index)];
        }

        var speaksOfAll = !theirs.IsFragment || theirs._resets is not null;
        _tags.Join(clock, theirs._tags, isReset: theirs.IsFragment && theirs._resets is not null, otherClock);
        if (theirs._resets is not null) (_resets ??= new VersionVector()).Merge(theirs._resets);
        if (!speaksOfAll) return;

        // Both sides are of one stable cut, so a side without credits has seen a reset of them.
        if (clock.Count == 0) _credits = theirs._credits;
        else if (theirs._credits is null && otherClock.Count > 0) _credits = null;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// An operation with an id that is known here already does nothing.
    /// An account's totals must stay within 64 bits too, whatever was reset. A transfer heeds no id.
    /// </remarks>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        CounterIncrement { Type: CrdtType.BoundedCounter } change when TryGetExecution(change, context.Operation, out _) =>
            new BoundedCounter { IsFragment = true },
        CounterIncrement { Type: CrdtType.BoundedCounter, Amount: < 0 } decrement => Decrement(decrement.Amount, context),
        CounterIncrement { Type: CrdtType.BoundedCounter } increment => Increment(increment.Amount, context),
        CounterTransfer transfer => HandOver(transfer, context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context)
    {
        if (!IsVisible) return new BoundedCounter { IsFragment = true };
        var dot = context.NextDot();
        var reset = new List<BoundedRow>(_rows.Length);
        foreach (var row in _rows)
        {
            if (row.IsVisible) reset.Add(row.Reset(dot));
        }

        var delta = new BoundedCounter { IsFragment = true, _rows = [.. reset], _resets = new VersionVector() };
        delta._resets.Advance(dot.Replica, dot.Sequence);
        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>The saved value is added, as one increment. So the right to take it is the origin's.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<BoundedCounter>(saved) is { IsVisible: true } counter && !_tags.TryGetExecution(context.Operation, out _)
            ? Increment(counter.Value, context)
            : null;

    /// <inheritdoc/>
    /// <remarks>A fragment where every reset known here is known at <paramref name="since"/>, otherwise whole.</remarks>
    public override Crdt DeltaSince(VersionVector since)
    {
        if (_resets is not null && !since.Covers(_resets)) return this;
        var rows = new List<BoundedRow>();
        foreach (var row in _rows)
        {
            if (row.Sequence > since[row.Account.Replica]) rows.Add(row with { Base = null });
        }

        return new BoundedCounter { IsFragment = true, _rows = [.. rows], _tags = _tags.Above(since) };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Settles operations with an id, and drops rows that were reset once the reset is stable.
    /// The rows of replicas that have ended stay. Two decisions may name two heirs, and what is folded into one account cannot be taken
    /// out again.
    /// </remarks>
    public override void Collect(StableCut cut)
    {
        if (IsFragment) return;
        var kept = new List<BoundedRow>(_rows.Length);
        foreach (var row in _rows)
        {
            if (!row.IsDeadAt(cut)) kept.Add(row);
        }

        if (kept.Count < _rows.Length) _rows = [.. kept];
        if (_tags.Count > 0) CollectTags(cut);
        _resets = _resets?.Above(cut.Clock);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        yield return $"value {Value}, to be taken {TotalRights}";
        foreach (var account in Accounts()) yield return $"{account} holds {Balance(account)}";
        foreach (var row in _rows) yield return row.ToString();
        if (_credits is not null) yield return $"settled operations gave {_credits}";
        foreach (var line in _tags.Describe()) yield return line;
        if (_resets is not null) yield return $"resets {_resets}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_rows.Length);
        foreach (var row in _rows) row.Encode(writer);
        _tags.Encode(writer);
        if (_resets is null) writer.WriteVarint(0);
        else _resets.Encode(writer);
        if (IsFragment) return;
        writer.WriteBool(_credits is not null);
        _credits?.Encode(writer);
    }

    internal static BoundedCounter DecodeBody(ref ByteReader reader, bool isFragment)
    {
        var rows = new BoundedRow[reader.ReadCount(minimumBytesEach: 14)];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = BoundedRow.Decode(ref reader);
            if (i > 0 && rows[i].Account.CompareTo(rows[i - 1].Account) <= 0)
                throw new CorruptDataException("rows are not in ascending order of account");
        }

        var tags = CounterTags.Decode(ref reader, withCredits: true);
        var resets = VersionVector.DecodeUnlessEmpty(ref reader);
        if (isFragment) CheckFragment(rows, tags, resets);
        var credits = !isFragment && reader.ReadBool() ? Credits.Decode(ref reader) : null;
        return new BoundedCounter
        {
            IsFragment = isFragment,
            _rows = rows,
            _tags = tags,
            _resets = resets,
            _credits = credits,
        };
    }

    /// <summary>A fragment is one reset and the rows it cancels, or changes without a base.</summary>
    private static void CheckFragment(BoundedRow[] rows, in CounterTags tags, VersionVector? resets)
    {
        if (resets is { Count: > 1 } || (resets is not null && tags.Count > 0))
            throw new CorruptDataException("a fragment is more than one reset");
        foreach (var row in rows)
        {
            if (resets is null
                ? row.Base is not null
                : row.IsVisible || row.Base!.Resets != new DotSet(new Dot(resets.Entries[0].Replica, resets.Entries[0].Sequence)))
            {
                throw new CorruptDataException("a fragment names a row it neither changes nor resets");
            }
        }
    }

    private void CollectTags(StableCut cut)
    {
        var settled = new List<Executions>();
        if (_tags.TakeSettled(cut, out _, settled) == 0) return;
        _credits = _credits?.Copy() ?? new Credits();
        foreach (var executions in settled) _credits.Add(executions.Span, 1);
    }

    private BoundedCounter Increment(long amount, UpdateContext context)
    {
        if (Sum(withPending: true) + amount > long.MaxValue)
            throw new OverflowException("the counter would leave the range of a signed 64-bit integer");
        var dot = context.NextDot();
        if (context.Operation is { IsGiven: true, IsFirstAttempt: false })
            return new BoundedCounter { IsFragment = true, _tags = Tagged(dot, amount, context.Operation) };

        var account = new Account(context.Origin, 0);
        foreach (var row in _rows)
        {
            if (row.Account.Replica == context.Origin) account = row.Account; // the last one is the newest
        }

        if (Balance(account) < 0) account = account with { Number = dot.Sequence };
        var totals = Current(account, dot, out var start);
        return new BoundedCounter
        {
            IsFragment = true,
            _rows = [new BoundedRow(account, start, dot.Sequence, totals with { Net = checked(totals.Net + amount) }, null)],
            _tags = context.Operation.IsGiven ? Tagged(dot, amount, context.Operation) : default,
        };
    }

    private BoundedCounter Decrement(long amount, UpdateContext context)
    {
        var dot = context.NextDot();
        var rows = Take(context, -(Int128)amount, dot, to: null);
        return new BoundedCounter
        {
            IsFragment = true,
            _rows = rows,
            _tags = context.Operation.IsGiven ? Tagged(dot, amount, context.Operation) : default,
        };
    }

    private BoundedCounter HandOver(CounterTransfer transfer, UpdateContext context)
    {
        if (transfer.Amount <= 0) throw new ArgumentException("a transfer is of one or more");
        if (transfer.To == context.Origin) throw new ArgumentException("a transfer is to another replica");

        // Into an overdrawn account it would vanish.
        var to = new Account(transfer.To, 0);
        foreach (var row in _rows)
        {
            if (row.Account.Replica == transfer.To && Balance(row.Account) > Balance(to)) to = row.Account;
        }

        return new BoundedCounter { IsFragment = true, _rows = Take(context, transfer.Amount, context.NextDot(), to) };
    }

    private static CounterTags Tagged(Dot dot, long amount, OperationId id)
    {
        var tags = CounterTags.WithCredits();
        tags.Add(id, new CounterTag(dot, amount, id.DeadlineUnixMs, isInRow: amount >= 0 && id.IsFirstAttempt));
        return tags;
    }
}
