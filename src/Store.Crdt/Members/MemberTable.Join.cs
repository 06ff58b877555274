using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Members;

/// <content>
/// Joins, and what changed since a clock.
/// Each segment keeps the names of the events that may have altered it, above a base that the table keeps.
/// What a segment holds at a clock that covers both is what it holds here.
/// So a delta since such a clock is the segments whose names the clock does not cover, each as a range that is told completely.
/// Removals get across by not being there.
/// </content>
internal sealed partial class MemberTable<TValue>
{
    // A segment that so many replicas have changed gives its names to the base. So what ended replicas leave behind is bounded.
    private const int MaxChangedBy = 16;

    internal void Join(VersionVector clock, MemberTable<TValue> theirs, bool isFragment, VersionVector otherClock)
    {
        if (!isFragment) JoinWhole(clock, theirs, otherClock);
        else if (theirs.Ranges is null) JoinNamed(clock, theirs, otherClock);
        else
        {
            foreach (ref readonly var range in theirs.Ranges.AsSpan())
            {
                Touch(range, clock, otherClock);
                JoinRange(range, clock, theirs, otherClock);
            }
        }

        // Before the first split, and of decoded states, nothing is known of what came when, except that it came by now.
        // (A state joined at no clock is a copy, of which nothing is known.)
        if (_directory is { Base: null } && otherClock.Count > 0)
        {
            _directory.Base = clock.Copy();
            _directory.Base.Merge(otherClock);
        }
    }

    /// <summary>What changed above the clock, complete for the ranges where anything did; null where the whole has to be sent.</summary>
    internal MemberTable<TValue>? Above(VersionVector since)
    {
        if (_directory?.Base is null || !since.Covers(_directory.Base)) return null;
        var ranges = new List<MemberRange>();
        var members = 0;
        for (var i = 0; i < _directory.Count; i++)
        {
            if (!IsChanged(i, since)) continue;
            var start = _directory.BoundAt(i);
            while (i < _directory.Count && IsChanged(i, since)) members += _directory[i++].Count;
            ranges.Add(new MemberRange(start, i < _directory.Count ? _directory.BoundAt(i) : null));
        }

        if (members > Count / 2) return null;
        var delta = new MemberTable<TValue> { Ranges = ranges.Count == 0 ? null : [.. ranges] };
        foreach (var range in ranges)
        {
            var at = LowerBound(range.Start);
            for (; IsWithin(ref at, range); at.Index++)
            {
                var segment = Segment(at.Segment);
                delta.Append(segment.KeyAt(at.Index), segment.MemberAt(at.Index), segment.ValueAt(at.Index), members - delta.Count);
            }
        }

        return delta;
    }

    private bool IsChanged(int segment, VersionVector since) => !_directory![segment].Changes.IsCoveredBy(since);

    /// <summary>Joins member by member: nothing is said of the others.</summary>
    private void JoinNamed(VersionVector clock, MemberTable<TValue> theirs, VersionVector otherClock)
    {
        for (var other = default(Position); theirs.Settle(ref other); other.Index++)
        {
            var segment = theirs.Segment(other.Segment);
            var key = segment.KeyAt(other.Index);
            var member = segment.MemberAt(other.Index);
            var at = LowerBound(key, member, out var found);
            if (_directory is not null) Touch(_directory[at.Segment], clock, otherClock);
            var joined = TValue.Join(
                found ? Segment(at.Segment).ValueAt(at.Index) : default, clock, segment.ValueAt(other.Index), otherClock);
            if (found) Put(at, joined);
            else if (!joined.IsEmpty) InsertAt(at, key, member, joined);
        }
    }

    private void JoinWhole(VersionVector clock, MemberTable<TValue> theirs, VersionVector otherClock)
    {
        if (_directory?.Base is { } known)
        {
            var news = default(SegmentChanges);
            news.Add(clock, otherClock);
            news.AddTo(known);
        }

        if (Count == 0 && _directory is null)
        {
            JoinToNothing(clock, theirs, otherClock);
        }
        else if (theirs.Count == 0)
        {
            RemoveCovered(otherClock);
        }
        else
        {
            JoinRange(MemberRange.All, clock, theirs, otherClock);
        }
    }

    /// <summary>Walks both sides in order: what only one side names is joined with nothing.</summary>
    private void JoinRange(in MemberRange range, VersionVector clock, MemberTable<TValue> theirs, VersionVector otherClock)
    {
        var mine = LowerBound(range.Start);
        var other = theirs.LowerBound(range.Start);
        for (; theirs.IsWithin(ref other, range); other.Index++)
        {
            var segment = theirs.Segment(other.Segment);
            var key = segment.KeyAt(other.Index);
            var member = segment.MemberAt(other.Index);
            var order = 1;
            while (IsWithin(ref mine, range) && (order = Compare(mine, key, member)) < 0) mine = JoinAt(mine, clock, default, otherClock);
            if (order == 0)
            {
                mine = JoinAt(mine, clock, segment.ValueAt(other.Index), otherClock);
                continue;
            }

            var joined = TValue.Join(default, clock, segment.ValueAt(other.Index), otherClock);
            if (joined.IsEmpty) continue;
            InsertAt(LowerBound(key, member, out _), key, member, joined);
            mine = LowerBound(key, member, out _);
            mine.Index++;
        }

        while (IsWithin(ref mine, range)) mine = JoinAt(mine, clock, default, otherClock);
    }

    private Position JoinAt(Position at, VersionVector clock, in TValue theirs, VersionVector otherClock) =>
        Put(at, TValue.Join(Segment(at.Segment).ValueAt(at.Index), clock, theirs, otherClock));

    /// <summary>Takes what the clock does not cover, in order, without looking for its place.</summary>
    private void JoinToNothing(VersionVector clock, MemberTable<TValue> theirs, VersionVector otherClock)
    {
        for (var other = default(Position); theirs.Settle(ref other); other.Index++)
        {
            var segment = theirs.Segment(other.Segment);
            var joined = TValue.Join(default, clock, segment.ValueAt(other.Index), otherClock);
            if (!joined.IsEmpty) Append(segment.KeyAt(other.Index), segment.MemberAt(other.Index), joined, theirs.Count - Count);
        }
    }

    /// <summary>Joins with the empty whole: what survives is taken over into new segments, which is nearly always nothing.</summary>
    private void RemoveCovered(VersionVector otherClock)
    {
        var left = new MemberTable<TValue>();
        for (var at = default(Position); Settle(ref at); at.Index++)
        {
            var segment = Segment(at.Segment);
            var joined = TValue.Join(segment.ValueAt(at.Index), otherClock, default, otherClock);
            if (!joined.IsEmpty) left.Append(segment.KeyAt(at.Index), segment.MemberAt(at.Index), joined, expected: 1);
        }

        (_only, _directory, Count, _memberBytes) = (left._only, left._directory, left.Count, left._memberBytes);
        (_hidden, _pending) = (left._hidden, left._pending);
    }

    /// <summary>
    /// Names a member that comes after all others.
    /// <paramref name="expected"/> is how many are to come, this one included.
    /// </summary>
    private void Append(ulong key, ReadOnlySpan<byte> member, in TValue value, int expected)
    {
        // Segments are not filled up, so that the first additions do not split them all.
        const int loaded = MemberSegment<TValue>.MaxCount * 3 / 4;
        var last = SegmentCount - 1;
        var segment = Segment(last);
        if (Count == 0)
        {
            segment.Changes = default;
            segment.Reserve(Math.Min(expected, loaded));
        }
        else if (segment.Count >= loaded || segment.IsFull(member.Length))
        {
            var bound = new MemberBound(key, segment.KeyAt(segment.Count - 1) == key ? new Bytes(member) : default);
            _directory ??= new MemberDirectory<TValue>(_only);
            _directory.Insert(++last, bound, new MemberSegment<TValue>(Math.Min(expected, loaded)));
        }

        InsertAt(new Position(last, Segment(last).Count), key, member, value);
    }

    private Position LowerBound(in MemberBound bound) => LowerBound(bound.Key, bound.Tie.Span, out _);

    private int Compare(Position at, ulong key, ReadOnlySpan<byte> member)
    {
        var segment = Segment(at.Segment);
        var mine = segment.KeyAt(at.Index);
        return mine != key ? mine.CompareTo(key) : segment.MemberAt(at.Index).SequenceCompareTo(member);
    }

    private bool IsWithin(ref Position at, in MemberRange range)
    {
        if (!Settle(ref at)) return false;
        if (range.End is null) return true;
        var segment = Segment(at.Segment);
        return !range.EndsBefore(segment.KeyAt(at.Index), segment.MemberAt(at.Index));
    }

    private void Touch(in MemberRange range, VersionVector clock, VersionVector otherClock)
    {
        if (_directory is null) return;
        for (var i = _directory.Find(range.Start.Key, range.Start.Tie.Span); i < _directory.Count; i++)
        {
            var start = _directory.BoundAt(i);
            if (range.EndsBefore(start.Key, start.Tie.Span)) break;
            Touch(_directory[i], clock, otherClock);
        }
    }

    private void Touch(MemberSegment<TValue> segment, VersionVector clock, VersionVector otherClock)
    {
        segment.Changes.Add(clock, otherClock);
        if (segment.Changes.Count <= MaxChangedBy || _directory!.Base is not { } known) return;
        segment.Changes.AddTo(known);
        segment.Changes = default;
    }
}
