namespace Gossipdb.Crdt;

/// <summary>
/// A counter that goes up and down, whose reset cancels what it observed and nothing else: concurrent increments survive it
/// (a counter in a removed map field that forgets this is basho/riak_dt#98).
/// <para>
/// Untagged increments are one running total per origin, with the part of it that was reset. Increments with an operation id are
/// kept by id (see <see cref="CounterTags"/>), and count once however often they were executed. A retry executed where a reset of the
/// first execution was observed counts again: it stands after the reset.
/// </para>
/// <para>
/// An increment is a fragment of one entry or one tag; a reset is the whole state at its event's clock. What was reset stays as a
/// husk, and so does the dot of every origin's last reset: it tells <see cref="DeltaSince"/> whether the other side may still hold
/// tags that went without leaving anything else behind. Both can be dropped once stable.
/// </para>
/// <para>Sources: Shapiro et al. (2011), 3.1.3; reset by base as in Baquero, Almeida, Lerche, "The problem with embedded CRDT
/// counters and a solution" (2016).</para>
/// </summary>
public sealed class PNCounter : Crdt
{
    private CounterEntry[] _entries = [];
    private CounterTags? _tags;
    private VersionVector? _resets;

    internal PNCounter()
    {
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Counter;

    /// <inheritdoc/>
    public override bool IsVisible
    {
        get
        {
            if (_tags is { Count: > 0 }) return true;
            foreach (ref readonly var entry in _entries.AsSpan())
            {
                if (entry.IsVisible) return true;
            }

            return false;
        }
    }

    /// <inheritdoc/>
    public override bool IsBottom => _entries.Length == 0 && _tags is not { Count: > 0 } && _resets is null;

    /// <summary>The sum, held at the ends of the range of a signed 64-bit integer where concurrent increments left it.</summary>
    public long Value => (long)Int128.Clamp(ExactValue, long.MinValue, long.MaxValue);

    private Int128 ExactValue
    {
        get
        {
            var sum = _tags?.Sum ?? 0;
            foreach (ref readonly var entry in _entries.AsSpan()) sum += entry.Contribution;
            return sum;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Not of executions that were reset since.</remarks>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot)
    {
        dot = default;
        if (_tags is null || !_tags.TryGet(id, out var tag)) return false;
        dot = tag.Dot;
        return true;
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<PNCounter>(other);
        foreach (ref readonly var entry in theirs._entries.AsSpan())
        {
            var index = IndexOf(entry.Replica);
            if (index >= 0) _entries[index] = _entries[index].Join(entry);
            else Insert(~index, entry);
        }

        if (theirs._tags is not null) (_tags ??= new CounterTags()).Join(clock, theirs._tags, theirs.IsFragment, otherClock);
        else if (!theirs.IsFragment) _tags?.Join(clock, null, isFragment: false, otherClock);

        if (theirs._resets is not null) (_resets ??= new VersionVector()).Merge(theirs._resets);
    }

    /// <inheritdoc/>
    /// <remarks>An origin's running total must stay within 64 bits too, resets notwithstanding.</remarks>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        CounterIncrement increment => Increment(increment.Amount, context),
        CounterReset => Clear(context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context)
    {
        var delta = new PNCounter { _resets = _resets?.Copy(), _entries = _entries.Length == 0 ? [] : new CounterEntry[_entries.Length] };
        for (var i = 0; i < _entries.Length; i++) delta._entries[i] = _entries[i].Reset();
        if (!IsVisible) return delta;

        var dot = context.NextDot();
        (delta._resets ??= new VersionVector()).Advance(dot.Replica, dot.Sequence);
        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A fragment where every reset known here is known at <paramref name="since"/>. Then nothing held there has been removed here,
    /// except executions of an id that a later one replaced, and that later one is above <paramref name="since"/> or known there.
    /// Otherwise whole.
    /// </remarks>
    public override Crdt DeltaSince(VersionVector since)
    {
        if (_resets is not null && !since.Covers(_resets)) return this;
        var entries = new List<CounterEntry>();
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            // The base is known there with the resets.
            if (entry.Sequence > since[entry.Replica]) entries.Add(entry with { BaseSequence = 0, BaseTotal = 0 });
        }

        return new PNCounter { IsFragment = true, _entries = [.. entries], _tags = _tags?.Above(since) };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        yield return $"value {Value}";
        foreach (var entry in _entries) yield return entry.ToString();
        if (_tags is not null)
        {
            foreach (var line in _tags.Describe()) yield return line;
        }

        if (_resets is not null) yield return $"resets {_resets}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_entries.Length);
        foreach (ref readonly var entry in _entries.AsSpan()) entry.Encode(writer);
        if (_tags is null) writer.WriteVarint(0);
        else _tags.Encode(writer);
        if (IsFragment) return;
        if (_resets is null) writer.WriteVarint(0);
        else _resets.Encode(writer);
    }

    internal static PNCounter DecodeBody(ref ByteReader reader, bool isFragment)
    {
        var count = reader.ReadCount(minimumBytesEach: 11);
        var entries = count == 0 ? [] : new CounterEntry[count];
        var hasBase = false;
        for (var i = 0; i < count; i++)
        {
            entries[i] = CounterEntry.Decode(ref reader);
            hasBase |= entries[i].BaseSequence > 0;
            if (i > 0 && entries[i].Replica.CompareTo(entries[i - 1].Replica) <= 0)
                throw new CorruptDataException("counter entries are not in ascending order of replica");
        }

        var tags = CounterTags.Decode(ref reader);
        var resets = isFragment ? null : VersionVector.Decode(ref reader);
        if (resets is { Count: 0 }) resets = null;
        if (hasBase && resets is null) throw new CorruptDataException("a counter has a base without a reset");
        return new PNCounter { IsFragment = isFragment, _entries = entries, _tags = tags, _resets = resets };
    }

    private PNCounter Increment(long amount, UpdateContext context)
    {
        var delta = new PNCounter { IsFragment = true };
        var value = ExactValue + amount;
        if (context.Operation.IsPresent)
        {
            if (_tags is not null && _tags.TryGet(context.Operation, out var earlier)) value -= earlier.Amount;
            CheckRange(value, amount);
            delta._tags = new CounterTags();
            delta._tags.Add(context.Operation, new CounterTag(context.NextDot(), amount, context.Operation.DeadlineUnixMs));
            return delta;
        }

        CheckRange(value, amount);
        var index = IndexOf(context.Origin);
        var total = checked((index >= 0 ? _entries[index].Total : 0) + amount);
        delta._entries = [new CounterEntry(context.Origin, context.NextDot().Sequence, total, 0, 0)];
        return delta;
    }

    /// <summary>Refuses to go further out of range; from where concurrent increments left it, the way back is open.</summary>
    private static void CheckRange(Int128 value, long amount)
    {
        if ((amount < 0 && value < long.MinValue) || (amount > 0 && value > long.MaxValue))
            throw new OverflowException("the counter would leave the range of a signed 64-bit integer");
    }

    private int IndexOf(ReplicaId replica)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            var order = _entries[i].Replica.CompareTo(replica);
            if (order == 0) return i;
            if (order > 0) return ~i;
        }

        return ~_entries.Length;
    }

    private void Insert(int index, CounterEntry entry)
    {
        // Exactly as long as needed: there are as many entries as owners and stand-ins, and many counters.
        var longer = new CounterEntry[_entries.Length + 1];
        _entries.AsSpan(0, index).CopyTo(longer);
        longer[index] = entry;
        _entries.AsSpan(index).CopyTo(longer.AsSpan(index + 1));
        _entries = longer;
    }
}
