using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// A counter that goes up and down, or only up. A reset cancels what it observed and nothing else: concurrent increments survive it.
/// (A counter in a removed map field that forgets this is basho/riak_dt#98.)
/// <para>
/// Untagged increments are one running total per origin, with the part of it that was reset.
/// Increments with an operation id are kept by id (see <see cref="CounterTags"/>). They count once, however often they were executed.
/// A reset cancels their amounts and keeps their names.
/// What is stable and will not be executed again, and the totals of replicas that have ended, are one sum.
/// </para>
/// <para>
/// An increment is a fragment of one entry or one tag.
/// A reset is a fragment that names the totals it cancels. It cancels all tags and the stable sum too, and bears its own dot to say so.
/// That dot is kept until it is stable. It tells <see cref="DeltaSince"/> whether the other side may still count what was cancelled.
/// </para>
/// <para>Sources: Shapiro et al. (2011), 3.1.3; reset by base as in Baquero, Almeida, Lerche, "The problem with embedded CRDT
/// counters and a solution" (2016).</para>
/// </summary>
public sealed class PNCounter : Crdt
{
    // In ascending order of replica, one each. Exactly as long as needed: there are as many entries as owners and fallback nodes, and many
    // counters.
    private CounterEntry[] _entries = [];
    private CounterTags _tags;
    private VersionVector? _resets;

    // What was folded away, in one sum: zero where nothing was. It is there until a reset: every reset has seen all of it.
    private Int128 _stableSum;
    private bool _hasStable;

    internal PNCounter(CrdtType type) => Type = type;

    /// <inheritdoc/>
    public override CrdtType Type { get; }

    /// <inheritdoc/>
    public override bool IsVisible
    {
        get
        {
            if (_hasStable || _tags.Live > 0) return true;
            foreach (ref readonly var entry in _entries.AsSpan())
            {
                if (entry.IsVisible) return true;
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public override bool IsBottom => _entries.Length == 0 && _tags.Count == 0 && _resets is null && !_hasStable;

    /// <inheritdoc/>
    public override long ApproximateBytes => 3 + (16L * _entries.Length) + (32L * _tags.Count) + (10L * (_resets?.Count ?? 0));

    /// <summary>The sum. Where concurrent increments left the range of a signed 64-bit integer, the end of that range.</summary>
    public long Value => (long)Int128.Clamp(ExactValue, long.MinValue, long.MaxValue);

    private Int128 ExactValue
    {
        get
        {
            var sum = _tags.Sum + _stableSum;
            foreach (ref readonly var entry in _entries.AsSpan()) sum += entry.Contribution;
            return sum;
        }
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot) =>
        _tags.TryGetExecution(id, out dot);

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<PNCounter>(other);
        foreach (ref readonly var entry in theirs._entries.AsSpan())
        {
            var index = IndexOf(entry.Replica);
            if (index >= 0) _entries[index] = _entries[index].Join(entry);
            else if (!theirs.IsFragment || entry.IsVisible) Insert(~index, entry); // a reset total that is not held was folded
        }

        var speaksOfAll = !theirs.IsFragment || theirs._resets is not null;
        _tags.Join(clock, theirs._tags, isReset: theirs.IsFragment && theirs._resets is not null, otherClock);
        if (speaksOfAll) JoinStable(clock, theirs, otherClock);
        if (theirs._resets is not null) (_resets ??= new VersionVector()).Merge(theirs._resets);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Of another type; or negative, or a reset, where the counter only grows.</exception>
    /// <remarks>
    /// An operation with an id that is known here already does nothing.
    /// An origin's running total must stay within 64 bits too, whatever was reset.
    /// </remarks>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation.Type != Type) throw Refusal(operation);
        return operation switch
        {
            CounterIncrement { Amount: < 0 } when Type == CrdtType.GrowOnlyCounter =>
                throw new ArgumentException("a grow-only counter takes no negative amount"),
            CounterIncrement when TryGetExecution(operation, context.Operation, out _) => new PNCounter(Type) { IsFragment = true },
            CounterIncrement increment => Increment(increment.Amount, context),
            CounterReset => Clear(context),
            _ => throw Refusal(operation),
        };
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context)
    {
        if (!IsVisible) return new PNCounter(Type) { IsFragment = true };
        var dot = context.NextDot();
        var reset = new List<CounterEntry>(_entries.Length);
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (entry.IsVisible) reset.Add(entry.Reset(dot));
        }

        var delta = new PNCounter(Type) { IsFragment = true, _resets = new VersionVector(), _entries = [.. reset] };
        delta._resets.Advance(dot.Replica, dot.Sequence);
        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>The saved value is added, as one increment.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<PNCounter>(saved) is { IsVisible: true } counter && !_tags.TryGetExecution(context.Operation, out _)
            ? Increment(counter.Value, context)
            : null;

    /// <inheritdoc/>
    /// <remarks>
    /// A fragment where every reset known here is known at <paramref name="since"/>: then nothing that counts there was cancelled here.
    /// Otherwise whole.
    /// </remarks>
    public override Crdt DeltaSince(VersionVector since)
    {
        if (_resets is not null && !since.Covers(_resets)) return this;
        var entries = new List<CounterEntry>();
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            // The base is known there with the resets.
            if (entry.Sequence > since[entry.Replica]) entries.Add(entry with { Base = null });
        }

        return new PNCounter(Type) { IsFragment = true, _entries = [.. entries], _tags = _tags.Above(since) };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every later reset has seen everything that is folded, so one sum will do.
    /// A total that was reset goes once the reset is stable. It goes at once where the replica has ended:
    /// a replica that has not heard of the reset has folded the total, and drops that when it hears.
    /// </remarks>
    public override void Collect(StableCut cut)
    {
        if (IsFragment) return;
        if (_entries.Length > 0) CollectEntries(cut);
        if (_tags.TakeSettled(cut, out var settled) > 0) AddToStable(settled);
        _resets = _resets?.Above(cut.Clock);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        yield return $"value {Value}";
        if (_hasStable) yield return $"stable {_stableSum}";
        foreach (var entry in _entries) yield return entry.ToString();
        foreach (var line in _tags.Describe()) yield return line;
        if (_resets is not null) yield return $"resets {_resets}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_entries.Length);
        foreach (ref readonly var entry in _entries.AsSpan()) entry.Encode(writer);
        _tags.Encode(writer);
        if (_resets is null) writer.WriteVarint(0);
        else _resets.Encode(writer);
        if (IsFragment) return;
        writer.WriteBool(_hasStable);
        if (_hasStable) writer.WriteSigned128(_stableSum);
    }

    /// <summary>Reads what <see cref="EncodeBody"/> wrote.</summary>
    /// <param name="reader">The bytes.</param>
    /// <param name="isFragment">Whether it is a fragment.</param>
    /// <param name="type">The type.</param>
    /// <param name="spare">A fragment of the type that nobody looks at any more, to become what is read; null where there is none.</param>
    internal static PNCounter DecodeBody(ref ByteReader reader, bool isFragment, CrdtType type, PNCounter? spare = null)
    {
        var count = reader.ReadCount(minimumBytesEach: 12);
        var entries = count == 0 ? [] : new CounterEntry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = CounterEntry.Decode(ref reader);
            if (i > 0 && entries[i].Replica.CompareTo(entries[i - 1].Replica) <= 0)
                throw new CorruptDataException("counter entries are not in ascending order of replica");
        }

        var tags = CounterTags.Decode(ref reader);
        var resets = VersionVector.DecodeUnlessEmpty(ref reader);
        if (isFragment) CheckFragment(entries, tags, resets);
        var counter = spare ?? new PNCounter(type) { IsFragment = isFragment };
        counter._entries = entries;
        counter._tags = tags;
        counter._resets = resets;
        counter._hasStable = !isFragment && reader.ReadBool();
        counter._stableSum = counter._hasStable ? reader.ReadSigned128() : 0;
        return counter;
    }

    /// <summary>A fragment is one reset and the totals it cancels, or increments without a base.</summary>
    private static void CheckFragment(CounterEntry[] entries, in CounterTags tags, VersionVector? resets)
    {
        if (resets is { Count: > 1 } || (resets is not null && tags.Count > 0))
            throw new CorruptDataException("a counter's fragment is more than one reset");
        foreach (var entry in entries)
        {
            if (resets is null
                ? entry.Base is not null
                : entry.IsVisible || entry.Base!.Resets != new DotSet(new Dot(resets.Entries[0].Replica, resets.Entries[0].Sequence)))
            {
                throw new CorruptDataException("a counter's fragment names a total it neither adds to nor resets");
            }
        }
    }

    private PNCounter Increment(long amount, UpdateContext context)
    {
        CheckRange(ExactValue + amount, amount);
        var delta = TakeSpare(context) ?? new PNCounter(Type) { IsFragment = true };
        if (context.Operation.IsGiven)
        {
            delta._tags.Add(context.Operation, new CounterTag(context.NextDot(), amount, context.Operation.DeadlineUnixMs));
            return delta;
        }

        var sequence = context.NextDot().Sequence;
        var index = IndexOf(context.Origin);
        delta._entries =
        [
            index >= 0 && _entries[index].IsVisible
                ? new CounterEntry(context.Origin, _entries[index].Start, sequence, checked(_entries[index].Total + amount), null)
                : new CounterEntry(context.Origin, sequence, sequence, amount, null),
        ];
        return delta;
    }

    // There is nothing in it.
    private PNCounter? TakeSpare(UpdateContext context)
    {
        if (context.Spare is not { IsFragment: true } spare || spare.Type != Type) return null;
        context.Spare = null;
        (spare._entries, spare._tags, spare._resets) = ([], default, null);
        return spare;
    }

    private void CollectEntries(StableCut cut)
    {
        var kept = new List<CounterEntry>(_entries.Length);
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (cut.HasRetired(entry.Replica))
            {
                if (entry.IsVisible) AddToStable(entry.Contribution);
            }
            else if (!entry.IsDeadAt(cut))
            {
                kept.Add(entry);
            }
        }

        if (kept.Count < _entries.Length) _entries = [.. kept];
    }

    private void AddToStable(Int128 amount)
    {
        _stableSum += amount;
        _hasStable = true;
    }

    /// <summary>Both sides are of one stable cut, so a side without a stable sum has seen a reset of it.</summary>
    private void JoinStable(VersionVector clock, PNCounter theirs, VersionVector otherClock)
    {
        var isFirst = clock.Count == 0;
        if (isFirst) (_stableSum, _hasStable) = (theirs._stableSum, theirs._hasStable);
        else if (!theirs._hasStable && otherClock.Count > 0) (_stableSum, _hasStable) = (0, false);
    }

    /// <summary>Refuses to go further out of range. From where concurrent increments left the range, the way back is open.</summary>
    private static void CheckRange(Int128 value, long amount)
    {
        if ((amount < 0 && value < long.MinValue) || (amount > 0 && value > long.MaxValue))
            throw new OverflowException("the counter would leave the range of a signed 64-bit integer");
    }

    private int IndexOf(ReplicaId replica)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Replica.Value >= replica.Value) return _entries[i].Replica == replica ? i : ~i;
        }

        return ~_entries.Length;
    }

    private void Insert(int index, CounterEntry entry) => _entries = [.. _entries.AsSpan(..index), entry, .. _entries.AsSpan(index..)];
}
