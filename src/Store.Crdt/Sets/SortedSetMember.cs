using System.Diagnostics.CodeAnalysis;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sets;

/// <summary>One surviving assignment of a member's score.</summary>
internal readonly record struct ScoreAssignment(Dot Dot, HybridTimestamp Timestamp, long Score) : IDotted;

/// <summary>
/// What a sorted set holds of one member: the surviving assignments, as a register keeps them, and the increments that came on top,
/// as a counter keeps them. Nearly always it is one assignment, which is kept inline.
/// </summary>
internal readonly struct SortedSetMember
{
    // One assignment, or none where its sequence is 0. Not used where there are several.
    private readonly ScoreAssignment _single;

    // Two or more in ascending order of dot, never changed.
    private readonly ScoreAssignment[]? _several;

    internal SortedSetMember(ScoreAssignment assignment, PNCounter? increments)
    {
        _single = assignment;
        Increments = increments;
    }

    private SortedSetMember(ScoreAssignment[] ascending, PNCounter? increments)
    {
        if (ascending.Length > 1) _several = ascending;
        else if (ascending.Length == 1) _single = ascending[0];
        Increments = increments;
    }

    private SortedSetMember(in SortedSetMember other, PNCounter? increments)
    {
        this = other;
        Increments = increments;
    }

    /// <summary>The increments no assignment has replaced; null where there is no trace of any.</summary>
    internal PNCounter? Increments { get; }

    /// <summary>The assignments in ascending order of dot.</summary>
    [UnscopedRef]
    internal ReadOnlySpan<ScoreAssignment> Assignments =>
        _several is not null ? _several : HasSingle ? new ReadOnlySpan<ScoreAssignment>(in _single) : [];

    internal bool IsVisible => _several is not null || HasSingle || Increments is { IsVisible: true };

    internal bool IsBottom => _several is null && !HasSingle && Increments is null;

    /// <summary>
    /// The assignment with the greatest (timestamp, dot), plus the increments.
    /// Where they leave the range of a signed 64-bit integer, the end of that range.
    /// </summary>
    internal long Score => (long)Int128.Clamp((Int128)Base + (Increments?.Value ?? 0), long.MinValue, long.MaxValue);

    /// <summary>About how many bytes the encoding takes.</summary>
    internal long ApproximateBytes => 2 + (20L * Assignments.Length) + (Increments is null ? 0 : 2 + Increments.ApproximateBytes);

    internal long Base => TryGetLatest(out var latest) ? latest.Score : 0;

    private bool HasSingle => _single.Dot.Sequence > 0;

    /// <summary>The assignment with the greatest (timestamp, dot).</summary>
    /// <returns>False where there is none.</returns>
    internal bool TryGetLatest(out ScoreAssignment latest)
    {
        latest = default;
        foreach (ref readonly var assignment in Assignments)
        {
            // Later dots come later, so that equal timestamps go to the greater dot.
            if (latest.Dot.Sequence == 0 || assignment.Timestamp.CompareTo(latest.Timestamp) >= 0) latest = assignment;
        }

        return latest.Dot.Sequence > 0;
    }

    internal SortedSetMember With(PNCounter? increments) => new(this, increments);

    /// <summary>
    /// Joins assignments and increments, each by its own rule. The counter of <paramref name="mine"/> becomes the result's.
    /// Nothing is shared with <paramref name="theirs"/>. A missing counter there is one with nothing in it.
    /// </summary>
    internal static SortedSetMember Join(in SortedSetMember mine, VersionVector clock, in SortedSetMember theirs, VersionVector otherClock)
    {
        var increments = mine.Increments;
        if (increments is not null || theirs.Increments is not null)
        {
            increments ??= new PNCounter(CrdtType.Counter);
            increments.Join(clock, theirs.Increments ?? CrdtTypes.Empty(CrdtType.Counter), otherClock);
            if (increments.IsBottom) increments = null;
        }

        if (mine._several is not null || theirs._several is not null)
            return new SortedSetMember(DotStore.Join(mine.Assignments, clock, theirs.Assignments, otherClock), increments);

        // The usual case, without an array: none or one on each side. The rule is DotStore's.
        var isSame = mine._single.Dot == theirs._single.Dot;
        var keepMine = mine.HasSingle && (isSame || !otherClock.Contains(mine._single.Dot));
        var keepTheirs = theirs.HasSingle && !isSame && !clock.Contains(theirs._single.Dot);
        if (keepMine && keepTheirs)
            return new SortedSetMember(DotStore.Join(mine.Assignments, clock, theirs.Assignments, otherClock), increments);
        return new SortedSetMember(keepMine ? mine._single : keepTheirs ? theirs._single : default, increments);
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Assignments.Length);
        foreach (ref readonly var assignment in Assignments)
        {
            writer.WriteDot(assignment.Dot);
            writer.WriteSigned(assignment.Timestamp.Value);
            writer.WriteSigned(assignment.Score);
        }

        writer.WriteBool(Increments is not null);
        Increments?.EncodeTyped(writer);
    }

    internal static SortedSetMember Decode(ref ByteReader reader, int depth)
    {
        var count = reader.ReadCount(minimumBytesEach: 11);
        var assignments = count == 0 ? [] : new ScoreAssignment[count];
        for (var i = 0; i < count; i++)
        {
            assignments[i] = new ScoreAssignment(reader.ReadDot(), new HybridTimestamp(reader.ReadSigned()), reader.ReadSigned());
            if (i > 0 && assignments[i].Dot.CompareTo(assignments[i - 1].Dot) <= 0)
                throw new CorruptDataException("assignments of a member are not in ascending order of dot");
        }

        PNCounter? increments = null;
        if (reader.ReadBool())
        {
            var state = Crdt.DecodeTyped(ref reader, depth + 1);
            if (state.Type != CrdtType.Counter) throw new CorruptDataException("a member's increments are not a counter");
            increments = (PNCounter)state;
            if (increments is { IsFragment: false, IsBottom: true })
                throw new CorruptDataException("a member has increments that say nothing");
        }

        return new SortedSetMember(assignments, increments);
    }
}
