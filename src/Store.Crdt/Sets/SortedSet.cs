using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Members;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Sets;

/// <summary>
/// A leaderboard: members with scores, the highest score first; members of equal scores in ascending order.
/// Scores are exact 64-bit integers (scale fractions).
/// <para>
/// Assigning a score replaces what was observed of the member: earlier assignments and increments.
/// Of concurrent assignments the one with the greatest (timestamp, dot) is the base. The others stay as long as nothing has observed
/// them, as in a <see cref="Register"/>.
/// Increments that no assignment has observed add up on top. One with an operation id counts once, as in a <see cref="PNCounter"/>.
/// A member is there while anything of it survives. Removing it removes what was observed.
/// </para>
/// <para>
/// A delta is a fragment of the members it names, and tells of each completely but for increments. Clearing is the whole at its event's
/// clock. Removals leave the dot of every origin's last one until it is stable. So <see cref="DeltaSince"/> knows whether the other
/// side may still hold members that went.
/// </para>
/// </summary>
public sealed partial class SortedSet : Crdt
{
    private readonly Dictionary<Bytes, SortedSetMember> _members;
    private LastRemovals _removals;
    private int _visible;
    private int _counters;
    private long _bytes;

    // Made when first asked for, and kept up to date from then on. Deltas, and states that are only passed on, never have one.
    private OrderedIndex<ScoreKey>? _index;

    internal SortedSet(int capacity = 0) => _members = new Dictionary<Bytes, SortedSetMember>(capacity);

    /// <summary>What the index is ordered by.</summary>
    private readonly record struct ScoreKey(long Score, Bytes Member) : IComparable<ScoreKey>
    {
        public int CompareTo(ScoreKey other) => Score != other.Score ? other.Score.CompareTo(Score) : Member.CompareTo(other.Member);
    }

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.SortedSet;

    /// <summary>How many members.</summary>
    public int Count => _visible;

    /// <inheritdoc/>
    public override bool IsVisible => _visible > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _members.Count == 0 && _removals.IsEmpty;

    /// <inheritdoc/>
    public override long ApproximateBytes => _bytes + 2 + _removals.ApproximateBytes;

    private OrderedIndex<ScoreKey> Index => _index ??= BuildIndex();

    /// <summary>The score of a member. Where concurrent changes left the range of a signed 64-bit integer, the end of that range.</summary>
    /// <returns>False where there is no such member.</returns>
    public bool TryGetScore(Bytes member, out long score)
    {
        var isThere = _members.TryGetValue(member, out var held) && held.IsVisible;
        score = isThere ? held.Score : 0;
        return isThere;
    }

    /// <summary>How many members come before this one: 0 has the highest score. Costs O(log n).</summary>
    /// <returns>False where there is no such member.</returns>
    public bool TryGetRank(Bytes member, out int rank)
    {
        var isThere = TryGetScore(member, out var score);
        rank = isThere ? Index.CountBelow(new ScoreKey(score, member)) : 0;
        return isThere;
    }

    /// <summary>
    /// Members from a rank on, the highest score first: <paramref name="count"/> of them, or as many as there are.
    /// Costs O(log n + answer).
    /// </summary>
    public ScoredMember[] RangeByRank(int start, int count) => Members(Index.Range(start, count));

    /// <summary>
    /// Members with a score of at least <paramref name="min"/> and at most <paramref name="max"/>, the highest first, no more than
    /// <paramref name="limit"/>. Costs O(log n + answer).
    /// </summary>
    public ScoredMember[] RangeByScore(long min, long max, int limit)
    {
        // No member comes before the empty one.
        var start = Index.CountBelow(new ScoreKey(max, default));
        var end = min == long.MinValue ? Count : Index.CountBelow(new ScoreKey(min - 1, default));
        return Members(Index.Range(start, Math.Min(limit, end - start)));
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<SortedSet>(other);
        if (_members.Count == 0) _index = null;
        if (!theirs.IsFragment)
        {
            // An enumerator of a dictionary survives removing, and writing through a reference.
            foreach (var (name, _) in _members)
            {
                if (!theirs._members.ContainsKey(name)) JoinMember(name, clock, default, otherClock);
            }
        }

        foreach (var (name, member) in theirs._members) JoinMember(name, clock, member, otherClock);
        _removals.Join(theirs._removals);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The operation is of another type, or assigns to a member twice.</exception>
    /// <exception cref="OverflowException">The score would leave the range of a signed 64-bit integer.</exception>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        SortedSetAssign assign => Assign(assign.Members, context),
        SortedSetIncrement increment => Increment(increment, context),
        SortedSetRemove remove => Remove(remove.Members, context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context)
    {
        if (!IsVisible) return new SortedSet { IsFragment = true };
        var delta = new SortedSet(_counters);
        delta._removals.Join(_removals);
        delta._removals.Add(context.NextDot());
        if (_counters == 0) return delta;
        foreach (var name in SortedMembers())
        {
            // In order: a clearing may draw dots.
            if (_members[name].Increments is { } increments) delta.Hold(name, default(SortedSetMember).With(Cleared(increments, context)));
        }

        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A fragment of the members that changed, where every removal known here is known at <paramref name="since"/>. Else whole.
    /// </remarks>
    public override Crdt DeltaSince(VersionVector since)
    {
        if (!_removals.AreKnownAt(since)) return this;
        var delta = new SortedSet { IsFragment = true };
        foreach (var (name, member) in _members)
        {
            var increments = member.Increments?.DeltaSince(since);
            if (increments is { IsFragment: false } or { IsBottom: false } || DotStore.AnyAbove(member.Assignments, since))
                delta.Hold(name, member.With((PNCounter?)increments));
        }

        return delta;
    }

    /// <inheritdoc/>
    /// <remarks>Of a fragment, the counters it tells of completely are collected.</remarks>
    public override void Collect(StableCut cut)
    {
        if (!IsFragment) _removals.Collect(cut);
        if (_counters == 0) return;
        foreach (var (name, member) in _members)
        {
            if (member.Increments is not { IsFragment: false } increments) continue;
            var before = Standing.Of(name, member);
            increments.Collect(cut);
            Put(name, member.With(NullIfBottom(increments)), before);
        }
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot)
    {
        dot = default;
        if (operation is StateRestore { Saved: SortedSet saved }) return TryGetRestoring(saved, id, out dot);
        return operation is SortedSetIncrement increment
            && _members.TryGetValue(increment.Member, out var member)
            && member.Increments is { } increments
            && increments.TryGetExecution(new CounterIncrement(increment.Amount), id, out dot);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var name in SortedMembers())
        {
            var member = _members[name];
            yield return $"{name.ToDisplayString()}: {(member.IsVisible ? member.Score : "not visible")}";
            foreach (var assignment in member.Assignments.ToArray())
                yield return $"  assigned {assignment.Score}  {{{assignment.Dot}}} at {assignment.Timestamp}";
            if (member.Increments is null) continue;
            foreach (var line in member.Increments.Describe()) yield return "  increments: " + line;
        }

        if (!_removals.IsEmpty) yield return $"removals {_removals}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_members.Count);
        foreach (var name in SortedMembers())
        {
            writer.WriteBytes(name.Span);
            _members[name].Encode(writer);
        }

        _removals.Encode(writer);
    }

    internal static SortedSet DecodeBody(ref ByteReader reader, bool isFragment, int depth)
    {
        var count = reader.ReadCount(minimumBytesEach: 3);
        var set = new SortedSet(count) { IsFragment = isFragment };
        var last = default(Bytes);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadBytes();
            if (i > 0 && name.CompareTo(last) <= 0) throw new CorruptDataException("sorted-set members are not in ascending order");
            var member = SortedSetMember.Decode(ref reader, depth);
            if (!isFragment && member is { IsBottom: true } or { Increments.IsFragment: true })
                throw new CorruptDataException("a whole sorted set has a member it does not tell of completely");
            set.Hold(name, member);
            last = name;
        }

        set._removals = LastRemovals.Decode(ref reader);
        return set;
    }

    private SortedSet Assign(IReadOnlyList<ScoredMember> members, UpdateContext context)
    {
        var delta = new SortedSet(members.Count) { IsFragment = true };
        for (var i = 0; i < members.Count; i++)
        {
            var (name, score) = members[i];
            if (delta._members.ContainsKey(name)) throw new ArgumentException($"one assignment names {name.ToDisplayString()} twice");
            _members.TryGetValue(name, out var held);
            var assignment = new ScoreAssignment(context.NextDot(), context.Timestamp, score);
            delta.Hold(name, new SortedSetMember(assignment, NullIfBottom(held.Increments?.Clear(context))));
        }

        return delta;
    }

    private SortedSet Increment(SortedSetIncrement increment, UpdateContext context)
    {
        _members.TryGetValue(increment.Member, out var held);
        var inner = new CounterIncrement(increment.Amount);
        var increments = (held.Increments ?? CrdtTypes.Empty(CrdtType.Counter)).Mutate(inner, context);
        CheckRange(held, inner, context.Operation);
        var delta = new SortedSet(1) { IsFragment = true };
        delta.Hold(increment.Member, held.With((PNCounter)increments));
        return delta;
    }

    /// <summary>Refuses to go further out of range, except by what is counted already: a retry.</summary>
    private static void CheckRange(in SortedSetMember held, CounterIncrement increment, OperationId id)
    {
        var score = (Int128)held.Base + (held.Increments?.Value ?? 0) + increment.Amount;
        var leaves = (increment.Amount < 0 && score < long.MinValue) || (increment.Amount > 0 && score > long.MaxValue);
        if (leaves && !(id.IsGiven && held.Increments is not null && held.Increments.TryGetExecution(increment, id, out _)))
            throw new OverflowException("the score would leave the range of a signed 64-bit integer");
    }

    private SortedSet Remove(IReadOnlyList<Bytes> names, UpdateContext context)
    {
        var delta = new SortedSet(names.Count) { IsFragment = true };
        for (var i = 0; i < names.Count; i++)
        {
            if (!_members.TryGetValue(names[i], out var held) || !held.IsVisible || delta._members.ContainsKey(names[i])) continue;
            delta.Hold(names[i], default(SortedSetMember).With(NullIfBottom(held.Increments?.Clear(context))));
        }

        if (delta._members.Count > 0) delta._removals.Add(context.NextDot());
        return delta;
    }

    /// <summary>Holds a member not held yet, as it is: in a fragment also one with nothing in it.</summary>
    private void Hold(Bytes name, in SortedSetMember member)
    {
        _members.Add(name, member);
        Account(name, default, Standing.Of(name, member));
    }

    private void JoinMember(Bytes name, VersionVector clock, in SortedSetMember theirs, VersionVector otherClock)
    {
        _members.TryGetValue(name, out var mine);
        var before = Standing.Of(name, mine); // before the join, which changes the counter in place
        Put(name, SortedSetMember.Join(mine, clock, theirs, otherClock), before);
    }

    /// <summary>Replaces what is held of a member, in a whole state or where the fragment holds it.</summary>
    private void Put(Bytes name, in SortedSetMember member, in Standing before)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_members, name);
        var isHeld = !Unsafe.IsNullRef(ref held);
        if (member.IsBottom && !IsFragment)
        {
            if (isHeld) _members.Remove(name);
        }
        else if (isHeld)
        {
            held = member;
        }
        else
        {
            _members.Add(name, member);
        }

        Account(name, isHeld ? before : default, member.IsBottom && !IsFragment ? default : Standing.Of(name, member));
    }

    private void Account(Bytes name, in Standing before, in Standing after)
    {
        _visible += (after.IsVisible ? 1 : 0) - (before.IsVisible ? 1 : 0);
        _counters += (after.HasCounter ? 1 : 0) - (before.HasCounter ? 1 : 0);
        _bytes += after.Bytes - before.Bytes;
        if (_index is null || (before.IsVisible == after.IsVisible && before.Score == after.Score)) return;

        // The index keeps the array it has: one copy of a name, however often its score changes.
        if (before.IsVisible && _index.Remove(new ScoreKey(before.Score, name), out var stored)) name = stored.Member;
        if (after.IsVisible) _index.Add(new ScoreKey(after.Score, name));
    }

    private OrderedIndex<ScoreKey> BuildIndex()
    {
        var keys = new ScoreKey[_visible];
        var count = 0;
        foreach (var (name, member) in _members)
        {
            if (member.IsVisible) keys[count++] = new ScoreKey(member.Score, name);
        }

        Array.Sort(keys);
        return OrderedIndex<ScoreKey>.Build(keys);
    }

    private Bytes[] SortedMembers()
    {
        var names = new Bytes[_members.Count];
        _members.Keys.CopyTo(names, 0);
        if (names.Length > 1) Array.Sort(names);
        return names;
    }

    private static ScoredMember[] Members(ScoreKey[] keys)
    {
        var members = new ScoredMember[keys.Length];
        for (var i = 0; i < keys.Length; i++) members[i] = new ScoredMember(keys[i].Member, keys[i].Score);
        return members;
    }

    /// <summary>What is left of a counter after it is cleared, complete.</summary>
    private static PNCounter? Cleared(PNCounter counter, UpdateContext context)
    {
        var left = new PNCounter(CrdtType.Counter);
        left.Join(new VersionVector(), counter, new VersionVector());
        left.Join(context.Dependencies, counter.Clear(context), context.Dependencies);
        return NullIfBottom(left);
    }

    private static PNCounter? NullIfBottom(Crdt? counter) => counter is { IsBottom: false } ? (PNCounter)counter : null;

    /// <summary>What a member counts for in the kept totals and in the index. Nothing where it is not held.</summary>
    private readonly record struct Standing(bool IsVisible, long Score, bool HasCounter, long Bytes)
    {
        internal static Standing Of(Bytes name, in SortedSetMember member) =>
            new(member.IsVisible, member.Score, member.Increments is not null, 1 + name.Length + member.ApproximateBytes);
    }
}
