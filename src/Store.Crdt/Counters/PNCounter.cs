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
    // In ascending order of replica, one each.
    // An only one is kept inline, so that an increment's delta is one object: the array is null then, and no entry has sequence 0.
    private CounterEntry _single;
    private CounterEntry[]? _several;
    private CounterTags? _tags;
    private VersionVector? _resets;
    private StableSum? _stable;

    /// <summary>What was folded away, in one sum. It is there until a reset: every reset has seen all of it.</summary>
    private sealed record StableSum(Int128 Sum);

    internal PNCounter(CrdtType type) => Type = type;

    /// <inheritdoc/>
    public override CrdtType Type { get; }

    /// <inheritdoc/>
    public override bool IsVisible
    {
        get
        {
            if (_stable is not null || _tags is { Live: > 0 }) return true;
            foreach (ref readonly var entry in Entries)
            {
                if (entry.IsVisible) return true;
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public override bool IsBottom => Entries.IsEmpty && _tags is not { Count: > 0 } && _resets is null && _stable is null;

    /// <inheritdoc/>
    public override long ApproximateBytes => 3 + (16L * Entries.Length) + (32L * (_tags?.Count ?? 0)) + (10L * (_resets?.Count ?? 0));

    /// <summary>The sum. Where concurrent increments left the range of a signed 64-bit integer, the end of that range.</summary>
    public long Value => (long)Int128.Clamp(ExactValue, long.MinValue, long.MaxValue);

    private Span<CounterEntry> Entries =>
        _several is not null ? _several : _single.Sequence == 0 ? [] : new Span<CounterEntry>(ref _single);

    private Int128 ExactValue
    {
        get
        {
            var sum = (_tags?.Sum ?? 0) + (_stable?.Sum ?? 0);
            foreach (ref readonly var entry in Entries) sum += entry.Contribution;
            return sum;
        }
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot) =>
        CounterTags.TryGetExecution(_tags, id, out dot);

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<PNCounter>(other);
        foreach (ref readonly var entry in theirs.Entries)
        {
            var index = IndexOf(entry.Replica);
            if (index >= 0) Entries[index] = Entries[index].Join(entry);
            else if (!theirs.IsFragment || entry.IsVisible) Insert(~index, entry); // a reset total that is not held was folded
        }

        var speaksOfAll = !theirs.IsFragment || theirs._resets is not null;
        CounterTags.Join(ref _tags, clock, theirs._tags, isReset: theirs.IsFragment && theirs._resets is not null, otherClock);
        if (speaksOfAll) JoinStable(clock, theirs._stable, otherClock);
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
        var reset = new List<CounterEntry>(Entries.Length);
        foreach (ref readonly var entry in Entries)
        {
            if (entry.IsVisible) reset.Add(entry.Reset(dot));
        }

        var delta = new PNCounter(Type) { IsFragment = true, _resets = new VersionVector() };
        delta.Set([.. reset]);
        delta._resets.Advance(dot.Replica, dot.Sequence);
        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>The saved value is added, as one increment.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<PNCounter>(saved) is { IsVisible: true } counter && !CounterTags.TryGetExecution(_tags, context.Operation, out _)
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
        foreach (ref readonly var entry in Entries)
        {
            // The base is known there with the resets.
            if (entry.Sequence > since[entry.Replica]) entries.Add(entry with { Base = null });
        }

        var delta = new PNCounter(Type) { IsFragment = true, _tags = _tags?.Above(since) };
        delta.Set([.. entries]);
        return delta;
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
        var kept = new List<CounterEntry>(Entries.Length);
        foreach (ref readonly var entry in Entries)
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

        if (kept.Count < Entries.Length) Set([.. kept]);
        foreach (var executions in _tags?.TakeSettled(cut) ?? [])
        {
            if (executions.IsLive) AddToStable(executions.Counted);
        }

        // There are many counters, and most of them rest.
        if (_tags is { Count: 0 }) _tags = null;
        _resets = _resets?.Above(cut.Clock);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        yield return $"value {Value}";
        if (_stable is not null) yield return $"stable {_stable.Sum}";
        foreach (var entry in Entries.ToArray()) yield return entry.ToString();
        if (_tags is not null)
        {
            foreach (var line in _tags.Describe()) yield return line;
        }

        if (_resets is not null) yield return $"resets {_resets}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Entries.Length);
        foreach (ref readonly var entry in Entries) entry.Encode(writer);
        if (_tags is null) writer.WriteVarint(0);
        else _tags.Encode(writer);
        if (_resets is null) writer.WriteVarint(0);
        else _resets.Encode(writer);
        if (IsFragment) return;
        writer.WriteBool(_stable is not null);
        if (_stable is not null) writer.WriteSigned128(_stable.Sum);
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

        var tags = CounterTags.Decode(ref reader, spare: spare?._tags);
        var resets = VersionVector.DecodeUnlessEmpty(ref reader);
        if (isFragment) CheckFragment(entries, tags, resets);
        var counter = spare ?? new PNCounter(type) { IsFragment = isFragment };
        counter._tags = tags;
        counter._resets = resets;
        counter._stable = !isFragment && reader.ReadBool() ? new StableSum(reader.ReadSigned128()) : null;
        counter.Set(entries);
        return counter;
    }

    /// <summary>A fragment is one reset and the totals it cancels, or increments without a base.</summary>
    private static void CheckFragment(CounterEntry[] entries, CounterTags? tags, VersionVector? resets)
    {
        if (resets is { Count: > 1 } || (resets is not null && tags is not null))
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
            delta._tags ??= new CounterTags();
            delta._tags.Add(context.Operation, new CounterTag(context.NextDot(), amount, context.Operation.DeadlineUnixMs));
            return delta;
        }

        delta._tags = null;
        var sequence = context.NextDot().Sequence;
        var index = IndexOf(context.Origin);
        delta._single = index >= 0 && Entries[index].IsVisible
            ? new CounterEntry(context.Origin, Entries[index].Start, sequence, checked(Entries[index].Total + amount), null)
            : new CounterEntry(context.Origin, sequence, sequence, amount, null);
        return delta;
    }

    // It has nothing in it but tags that are empty.
    private PNCounter? TakeSpare(UpdateContext context)
    {
        if (context.Spare is not { IsFragment: true } spare || spare.Type != Type) return null;
        context.Spare = null;
        (spare._single, spare._several, spare._resets, spare._stable) = (default, null, null, null);
        spare._tags?.Clear();
        return spare;
    }

    private void AddToStable(Int128 amount) => _stable = new StableSum((_stable?.Sum ?? 0) + amount);

    /// <summary>Both sides are of one stable cut, so a side without a stable sum has seen a reset of it.</summary>
    private void JoinStable(VersionVector clock, StableSum? theirs, VersionVector otherClock)
    {
        var isFirst = clock.Count == 0;
        if (isFirst) _stable = theirs;
        else if (theirs is null && otherClock.Count > 0) _stable = null;
    }

    /// <summary>Refuses to go further out of range. From where concurrent increments left the range, the way back is open.</summary>
    private static void CheckRange(Int128 value, long amount)
    {
        if ((amount < 0 && value < long.MinValue) || (amount > 0 && value > long.MaxValue))
            throw new OverflowException("the counter would leave the range of a signed 64-bit integer");
    }

    private int IndexOf(ReplicaId replica)
    {
        var entries = Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Replica.Value >= replica.Value) return entries[i].Replica == replica ? i : ~i;
        }

        return ~entries.Length;
    }

    private void Insert(int index, CounterEntry entry)
    {
        // Exactly as long as needed: there are as many entries as owners and fallback nodes, and many counters.
        var entries = Entries;
        if (entries.IsEmpty) _single = entry;
        else _several = [.. entries[..index], entry, .. entries[index..]];
    }

    private void Set(CounterEntry[] entries)
    {
        _single = entries.Length == 1 ? entries[0] : default;
        _several = entries.Length > 1 ? entries : null;
    }
}
