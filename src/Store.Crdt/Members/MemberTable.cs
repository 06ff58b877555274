using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Members;

/// <summary>
/// The members of a set, packed. While there are few they are one segment.
/// Then they are segments in canonical order under a directory, as in a B-tree of two levels.
/// Adding costs the same however many members there are, and growing concerns one segment at a time.
/// </summary>
internal sealed partial class MemberTable<TValue>
    where TValue : struct, IMemberValue<TValue>
{
    private const byte CursorVersion = 1;

    // The only segment, where there is no directory.
    private MemberSegment<TValue> _only = new();
    private MemberDirectory<TValue>? _directory;
    private int _hidden;
    private int _pending;
    private long _memberBytes;

    private struct Position(int segment, int index)
    {
        public int Segment = segment;
        public int Index = index;
    }

    /// <summary>How many members are named, seen by readers or not.</summary>
    internal int Count { get; private set; }

    /// <summary>How many a reader sees.</summary>
    internal int Visible => Count - _hidden;

    /// <summary>
    /// What a fragment speaks of completely: of these ranges nothing is left but what it names.
    /// Null where it speaks of the members it names only.
    /// </summary>
    internal MemberRange[]? Ranges { get; private init; }

    /// <summary>About what the encoding takes: beside a member its length, one dot and two counts.</summary>
    internal long ApproximateBytes => _memberBytes + (13L * Count);

    private int SegmentCount => _directory?.Count ?? 1;

    internal bool TryGet(ReadOnlySpan<byte> member, out TValue value)
    {
        var at = LowerBound(MemberOrder.KeyOf(member), member, out var found);
        value = found ? Segment(at.Segment).ValueAt(at.Index) : default;
        return found;
    }

    /// <summary>Names a member that may not be named yet.</summary>
    /// <returns>False where it is named already: its value stays.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> member, in TValue value)
    {
        var key = MemberOrder.KeyOf(member);
        var at = LowerBound(key, member, out var found);
        if (found) return false;
        InsertAt(at, key, member, value);
        return true;
    }

    /// <summary>The members a reader sees, in tables of about <paramref name="maxBytes"/>. They share nothing with this one.</summary>
    internal IEnumerable<MemberTable<TValue>> Parts(long maxBytes)
    {
        var part = new MemberTable<TValue>();
        for (var at = default(Position); Settle(ref at); at.Index++)
        {
            var segment = Segment(at.Segment);
            var value = segment.ValueAt(at.Index);
            if (!value.IsMember) continue;
            part.TryAdd(segment.MemberAt(at.Index), value);
            if (part.ApproximateBytes < maxBytes) continue;
            yield return part;
            part = new MemberTable<TValue>();
        }

        if (part.Count > 0) yield return part;
    }

    /// <summary>The members a reader sees, in ascending order of bytes.</summary>
    internal Bytes[] Members()
    {
        var members = new Bytes[Visible];
        var count = 0;
        for (var at = default(Position); Settle(ref at); at.Index++)
        {
            var segment = Segment(at.Segment);
            if (segment.ValueAt(at.Index).IsMember) members[count++] = new Bytes(segment.MemberAt(at.Index));
        }

        Array.Sort(members);
        return members;
    }

    /// <summary>
    /// Members a reader sees, from behind a cursor on, in the canonical order, which is the same at every replica.
    /// A page may be short of <paramref name="limit"/>, for a run of hidden members is not walked to its end.
    /// Only a page without a cursor is the last one.
    /// </summary>
    internal (Bytes[] Members, Bytes? Next) Page(Bytes? cursor, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var at = cursor is { } after ? Behind(after.Span) : default;
        var members = new Bytes[Math.Min(limit, Visible)];
        var count = 0;
        var looks = Math.Max(limit, 256) * 4L;
        var last = default(Position);
        while (Settle(ref at) && count < limit && looks-- > 0)
        {
            last = at;
            var segment = Segment(at.Segment);
            if (segment.ValueAt(at.Index).IsMember) members[count++] = new Bytes(segment.MemberAt(at.Index));
            at.Index++;
        }

        Array.Resize(ref members, count);
        return (members, Settle(ref at) ? new Bytes([CursorVersion, .. Segment(last.Segment).MemberAt(last.Index)]) : null);
    }

    /// <summary>All that is held, in ascending order of bytes: for people.</summary>
    internal KeyValuePair<Bytes, TValue>[] Entries() => Entries(onlyPending: false);

    /// <summary>What waits for a stable cut, in ascending order of bytes.</summary>
    internal KeyValuePair<Bytes, TValue>[] Pending() => _pending == 0 ? [] : Entries(onlyPending: true);

    /// <summary>Collects what waits for a stable cut. Costs the segments it is in, and a look at each of the others.</summary>
    internal void Collect(StableCut cut)
    {
        if (_pending == 0) return;
        var at = default(Position);
        while (Settle(ref at))
        {
            var segment = Segment(at.Segment);
            if (segment.Pending == 0) at.Index = segment.Count;
            else if (!segment.ValueAt(at.Index).IsPending) at.Index++;
            else at = Put(at, segment.ValueAt(at.Index).Collect(cut));
        }
    }

    private KeyValuePair<Bytes, TValue>[] Entries(bool onlyPending)
    {
        var members = new Bytes[onlyPending ? _pending : Count];
        var values = new TValue[members.Length];
        var count = 0;
        for (var at = default(Position); Settle(ref at); at.Index++)
        {
            var segment = Segment(at.Segment);
            if (onlyPending && segment.Pending == 0) at.Index = segment.Count - 1;
            if (onlyPending && !segment.ValueAt(at.Index).IsPending) continue;
            values[count] = segment.ValueAt(at.Index);
            members[count++] = new Bytes(segment.MemberAt(at.Index));
        }

        Array.Sort(members, values);
        var entries = new KeyValuePair<Bytes, TValue>[count];
        for (var i = 0; i < count; i++) entries[i] = new(members[i], values[i]);
        return entries;
    }

    private Position Last => new(SegmentCount - 1, Segment(SegmentCount - 1).Count - 1);

    private MemberSegment<TValue> Segment(int index) => _directory is null ? _only : _directory[index];

    /// <summary>A cursor is the last member looked at: the place behind it stays where it is, whatever is added and removed.</summary>
    private Position Behind(ReadOnlySpan<byte> cursor)
    {
        if (cursor.IsEmpty || cursor[0] != CursorVersion)
            throw new ArgumentException("the cursor is none of a set's page: pass on what the page before answered, or nothing to begin");
        var at = LowerBound(MemberOrder.KeyOf(cursor[1..]), cursor[1..], out var found);
        if (found) at.Index++;
        return at;
    }

    private Position LowerBound(ulong key, ReadOnlySpan<byte> member, out bool found)
    {
        if (_directory is null) return new Position(0, _only.Find(key, member, 0, ulong.MaxValue, out found));
        var segment = _directory.Find(key, member);
        return new Position(
            segment, _directory[segment].Find(key, member, _directory.KeyAt(segment), _directory.KeyAt(segment + 1), out found));
    }

    /// <summary>Steps from behind a segment to the next member. False where there is none.</summary>
    private bool Settle(ref Position at)
    {
        while (at.Index >= Segment(at.Segment).Count)
        {
            if (at.Segment + 1 == SegmentCount) return false;
            at = new Position(at.Segment + 1, 0);
        }

        return true;
    }

    private void InsertAt(Position at, ulong key, ReadOnlySpan<byte> member, in TValue value)
    {
        if (Segment(at.Segment).IsFull(member.Length))
        {
            Split(at.Segment);
            at = LowerBound(key, member, out _);
        }

        var segment = Segment(at.Segment);
        segment.Insert(at.Index, key, member, value);
        Count++;
        _memberBytes += member.Length;
        Track(segment, value, 1);
    }

    /// <summary>Replaces a value, an empty one being the member's removal. What comes next is at the position returned.</summary>
    private Position Put(Position at, in TValue value)
    {
        var segment = Segment(at.Segment);
        ref var held = ref segment.ValueAt(at.Index);
        Track(segment, held, -1);
        if (!value.IsEmpty)
        {
            held = value;
            Track(segment, value, 1);
            at.Index++;
            return at;
        }

        _memberBytes -= segment.MemberAt(at.Index).Length;
        Count--;
        segment.RemoveAt(at.Index);
        return segment.Count <= MemberSegment<TValue>.MaxCount / 8 ? Merge(at) : at;
    }

    private void Track(MemberSegment<TValue> segment, in TValue value, int one)
    {
        if (!value.IsMember) _hidden += one;
        if (!value.IsPending) return;
        segment.Pending += one;
        _pending += one;
    }

    private void Split(int index)
    {
        var whole = Segment(index);
        var middle = whole.Count / 2;
        var directory = _directory ??= new MemberDirectory<TValue>(_only);
        var key = whole.KeyAt(middle);
        var bound = new MemberBound(key, whole.KeyAt(middle - 1) == key ? new Bytes(whole.MemberAt(middle)) : default);
        directory[index] = whole.Part(0, middle);
        directory.Insert(index + 1, bound, whole.Part(middle, whole.Count));
    }

    /// <summary>Makes one of a small segment and a neighbour, where the two are not too much.</summary>
    private Position Merge(Position at)
    {
        if (_directory is null) return at;
        var left = Math.Min(at.Segment, _directory.Count - 2);
        var (first, second) = (_directory[left], _directory[left + 1]);
        if (first.Count + second.Count > MemberSegment<TValue>.MaxCount * 3 / 4
            || first.LiveBytes + second.LiveBytes > MemberSegment<TValue>.MaxBytes)
        {
            return at;
        }
        if (at.Segment > left) at = new Position(left, first.Count + at.Index);
        _directory[left] = MemberSegment<TValue>.Combine(first, second);
        _directory.RemoveAt(left + 1);
        if (_directory.Count > 1) return at;
        _only = _directory[0];
        _directory = null;
        return at;
    }
}
