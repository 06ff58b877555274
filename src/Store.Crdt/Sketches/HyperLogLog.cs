using System.IO.Hashing;
using System.Numerics;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Sketches;

/// <summary>
/// An estimate of how many distinct elements were added. It has 16,384 registers.
/// Each keeps the highest rank (leading zeros and one) seen among the 64-bit hashes (XxHash3) that fall to it.
/// An add is a fragment that names registers with its dot.
/// <para>
/// Above the stable cut a register keeps ranks with dots, as <see cref="ExtremumRegister"/> keeps numbers, and for the same reason:
/// a deletion removes the adds it observed, and concurrent adds survive it even where they were the lower ones.
/// At or below the stable cut there is one rank a register.
/// </para>
/// <para>Sources: Flajolet et al., "HyperLogLog" (2007); see <see cref="HyperLogLogEstimator"/>.</para>
/// </summary>
public sealed class HyperLogLog : Crdt
{
    private readonly record struct Add(Dot Dot, byte Rank) : IDotted;

    // Register → the adds that a later deletion may tell apart, in ascending order of dot; never empty.
    private readonly Dictionary<int, Add[]> _adds = [];
    private HyperLogLogRanks _stable = new();
    private int _addCount;
    private long _estimate = -1;

    internal HyperLogLog()
    {
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.HyperLogLog;

    /// <inheritdoc/>
    public override bool IsVisible => _addCount > 0 || _stable.Count > 0;

    /// <inheritdoc/>
    public override bool IsBottom => !IsVisible;

    /// <inheritdoc/>
    public override long ApproximateBytes =>
        5 + (_stable.Count > HyperLogLogRanks.MaxListed ? HyperLogLogRanks.Registers * 3L / 4 : 3L * _stable.Count)
        + (3L * _adds.Count) + (11L * _addCount);

    /// <summary>About how many distinct elements: computed once after a change. The standard error is 0.81 %.</summary>
    public long Estimate
    {
        get
        {
            if (_estimate < 0) _estimate = Compute();
            return _estimate;
        }
    }

    /// <summary>
    /// The highest rank of each register, 0 where it has none, in an array of the caller's own.
    /// To estimate a union of several.
    /// </summary>
    public byte[] Registers()
    {
        var ranks = new byte[HyperLogLogRanks.Registers];
        for (var next = 0; _stable.TryNext(next, out var register, out var rank); next = register + 1) ranks[register] = rank;
        foreach (var (register, adds) in _adds)
        {
            foreach (var add in adds) ranks[register] = Math.Max(ranks[register], add.Rank);
        }

        return ranks;
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<HyperLogLog>(other);
        _estimate = -1;
        if (theirs.IsFragment)
        {
            foreach (var (register, adds) in theirs._adds) JoinAdd(register, clock, adds[0], otherClock);
            return;
        }

        JoinStable(clock, theirs._stable, otherClock);
        foreach (var (register, adds) in _adds)
        {
            // An enumerator of a dictionary survives removing, and replacing a value.
            if (!theirs._adds.ContainsKey(register)) Set(register, DotStore.Join<Add>(adds, clock, [], otherClock));
        }

        foreach (var (register, adds) in theirs._adds)
        {
            _adds.TryGetValue(register, out var mine);
            Set(register, DotStore.Join<Add>(mine, clock, adds, otherClock));
        }
    }

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        if (operation is not HyperLogLogAdd { Elements: var elements }) throw Refusal(operation);
        var delta = new HyperLogLog { IsFragment = true };
        if (elements.Count == 0) return delta;
        var dot = context.NextDot();
        for (var i = 0; i < elements.Count; i++)
        {
            var hash = XxHash3.HashToUInt64(elements[i].Span);
            var register = (int)(hash >> (64 - HyperLogLogRanks.Precision));
            var rank = (byte)Math.Min(BitOperations.LeadingZeroCount(hash << HyperLogLogRanks.Precision) + 1, HyperLogLogRanks.MaxRank);
            if (!delta._adds.TryGetValue(register, out var others) || others[0].Rank < rank) delta.Set(register, [new Add(dot, rank)]);
        }

        return delta;
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new HyperLogLog();

    /// <inheritdoc/>
    public override Crdt? Restore(Crdt saved, UpdateContext context)
    {
        var (mine, theirs) = (Registers(), CheckSaved<HyperLogLog>(saved).Registers());
        HyperLogLog? delta = null;
        var dot = default(Dot);
        for (var register = 0; register < theirs.Length; register++)
        {
            if (theirs[register] <= mine[register]) continue;
            if (delta is null) (delta, dot) = (new HyperLogLog { IsFragment = true }, context.NextDot());
            delta.Set(register, [new Add(dot, theirs[register])]);
        }

        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>A later deletion has seen every stable add, so one rank a register will do.</remarks>
    public override void Collect(StableCut cut)
    {
        if (IsFragment) return;
        foreach (var (register, adds) in _adds)
        {
            var above = DotStore.Join<Add>(adds, cut.Clock, [], cut.Clock);
            if (above.Length == adds.Length) continue;
            var rank = _stable[register];
            foreach (var add in adds)
            {
                if (add.Rank > rank && cut.Covers(add.Dot)) rank = add.Rank;
            }

            _stable.Set(register, rank);
            Set(register, above);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        if (!IsFragment) yield return $"about {Estimate}";
        yield return $"{_stable.Count} registers with a stable rank, {_adds.Count} with {_addCount} ranks above";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        if (!IsFragment) _stable.Encode(writer);
        writer.WriteVarint((ulong)_adds.Count);
        var next = 0;
        foreach (var register in SortedRegisters())
        {
            writer.WriteVarint((ulong)(register - next));
            next = register + 1;
            var adds = _adds[register];
            if (!IsFragment) writer.WriteVarint((ulong)adds.Length);
            foreach (var add in adds)
            {
                writer.WriteByte(add.Rank);
                writer.WriteDot(add.Dot);
            }
        }
    }

    internal static HyperLogLog DecodeBody(ref ByteReader reader, bool isFragment)
    {
        var state = new HyperLogLog { IsFragment = isFragment };
        if (!isFragment) state._stable = HyperLogLogRanks.Decode(ref reader);
        var count = reader.ReadCount(minimumBytesEach: 11);
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            var register = HyperLogLogRanks.DecodeRegister(ref reader, next);
            next = register + 1;
            var adds = new Add[isFragment ? 1 : reader.ReadCount(minimumBytesEach: 10)];
            if (adds.Length == 0) throw new CorruptDataException("a register is named without an add");
            for (var j = 0; j < adds.Length; j++)
            {
                var rank = HyperLogLogRanks.DecodeRank(ref reader);
                adds[j] = new Add(reader.ReadDot(), rank);
                if (j > 0 && adds[j].Dot.CompareTo(adds[j - 1].Dot) <= 0)
                    throw new CorruptDataException("adds are not in ascending order of dot");
            }

            state.Set(register, adds);
        }

        return state;
    }

    /// <summary>An add takes the place of those it observed that are no higher. A deletion of it has seen them.</summary>
    private void JoinAdd(int register, VersionVector clock, Add added, VersionVector otherClock)
    {
        if (clock.Contains(added.Dot)) return;
        if (_stable[register] is > 0 and var stable && stable <= added.Rank) _stable.Set(register, 0);
        _adds.TryGetValue(register, out var mine);
        if (mine is null)
        {
            Set(register, [added]);
            return;
        }

        var kept = new List<Add>(mine.Length + 1);
        foreach (var add in mine)
        {
            if (add.Rank > added.Rank || !otherClock.Contains(add.Dot)) kept.Add(add);
        }

        var place = 0;
        while (place < kept.Count && kept[place].Dot.CompareTo(added.Dot) < 0) place++;
        kept.Insert(place, added);
        Set(register, [.. kept]);
    }

    /// <summary>Both sides are of one stable cut. So where a register has no stable rank, its side has seen that removed.</summary>
    private void JoinStable(VersionVector clock, HyperLogLogRanks theirs, VersionVector otherClock)
    {
        if (clock.Count == 0) _stable = theirs.Copy();
        else if (otherClock.Count > 0 && theirs.Count == 0) _stable = new HyperLogLogRanks();
        else if (otherClock.Count > 0)
        {
            for (var next = 0; _stable.TryNext(next, out var register, out _); next = register + 1)
            {
                if (theirs[register] == 0) _stable.Set(register, 0);
            }
        }
    }

    /// <summary>Replaces the adds of a register, none being their removal. The array is never changed afterwards.</summary>
    private void Set(int register, Add[] adds)
    {
        if (_adds.TryGetValue(register, out var before)) _addCount -= before.Length;
        _addCount += adds.Length;
        if (adds.Length > 0) _adds[register] = adds;
        else _adds.Remove(register);
    }

    private long Compute()
    {
        Span<int> registersOfRank = stackalloc int[HyperLogLogRanks.MaxRank + 1];
        registersOfRank.Clear();
        foreach (var rank in Registers()) registersOfRank[rank]++;
        return HyperLogLogEstimator.Estimate(registersOfRank);
    }

    private int[] SortedRegisters()
    {
        var registers = new int[_adds.Count];
        _adds.Keys.CopyTo(registers, 0);
        Array.Sort(registers);
        return registers;
    }
}
