using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// Puts segments that are in order of id into the order of the document, in time n log n.
/// The order is the depth-first walk of the tree of Fugue (left children, the element, right children), here without recursion.
/// </summary>
internal ref struct SequenceBuilder<T>
{
    private readonly List<Segment<T>> _segments;
    private readonly List<Block<T>> _blocks;
    private readonly Link[] _links;
    private readonly int[] _firstLink;
    private readonly (ElementId Left, ElementId Right)[] _origins;
    private readonly Stack<Frame> _stack = new();
    private long _walked;

    /// <summary>A segment hanging on an element of another one; on the root where the parent is -1.</summary>
    private readonly record struct Link(int Parent, int Offset, bool IsLeft, ElementId Id, int Child) : IComparable<Link>
    {
        public int CompareTo(Link other)
        {
            if (Parent != other.Parent) return Parent.CompareTo(other.Parent);
            if (Offset != other.Offset) return Offset.CompareTo(other.Offset);
            if (IsLeft != other.IsLeft) return IsLeft ? -1 : 1;
            return ElementId.CompareSiblings(Id, other.Id, IsLeft);
        }
    }

    /// <summary>Walk a segment from an element on; with or without what is left of it.</summary>
    private readonly record struct Frame(int Segment, int Offset, int Link, bool IsLeftDone);

    private SequenceBuilder(List<Segment<T>> segments)
    {
        _segments = segments;
        _blocks = new List<Block<T>>(segments.Count + 8);
        _origins = new (ElementId, ElementId)[segments.Count];
        _firstLink = new int[segments.Count];
        _links = new Link[segments.Count];
    }

    /// <summary>The blocks of the document in order.</summary>
    /// <exception cref="CorruptDataException">A parent is not there, or elements are each other's ancestors.</exception>
    public static List<Block<T>> Build(List<Segment<T>> segments)
    {
        var builder = new SequenceBuilder<T>(segments);
        builder.MakeLinks();
        builder.Walk();
        long all = 0;
        foreach (var segment in segments) all += segment.Length;
        if (builder._walked != all) throw new CorruptDataException("elements of a sequence are their own ancestors");
        return builder._blocks;
    }

    private readonly void MakeLinks()
    {
        for (var i = 0; i < _segments.Count; i++)
        {
            var segment = _segments[i];
            int parent = -1, offset = 0;
            if (!segment.Parent.IsRoot)
            {
                parent = i > 0 && segment.Continues(_segments[i - 1]) ? i - 1 : Find(segment.Parent);
                if (parent < 0) throw new CorruptDataException($"the parent {segment.Parent} of an element is not there");
                offset = (int)(segment.Parent.Counter - _segments[parent].Start);
            }

            _links[i] = new Link(parent, offset, segment.IsLeft, new ElementId(segment.Replica, segment.Start), i);
        }

        Array.Sort(_links);
        Array.Fill(_firstLink, _links.Length);
        for (var i = _links.Length - 1; i >= 0; i--)
            if (_links[i].Parent >= 0) _firstLink[_links[i].Parent] = i;
    }

    private readonly int Find(ElementId id)
    {
        int low = 0, high = _segments.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var order = _segments[middle].Replica.CompareTo(id.Replica);
            if (order < 0 || (order == 0 && _segments[middle].Start <= id.Counter)) low = middle + 1;
            else high = middle;
        }

        return low > 0 && _segments[low - 1].Replica == id.Replica && id.Counter < _segments[low - 1].End ? low - 1 : -1;
    }

    private void Walk()
    {
        var roots = 0;
        while (roots < _links.Length && _links[roots].Parent < 0) roots++;
        for (var i = roots - 1; i >= 0; i--) Push(_links[i], ElementId.Root, ElementId.Root);
        while (_stack.TryPop(out var frame)) Walk(frame);
    }

    private readonly void Push(in Link link, ElementId left, ElementId right)
    {
        _origins[link.Child] = (left, right);
        _stack.Push(new Frame(link.Child, 0, _firstLink[link.Child], false));
    }

    private void Walk(Frame frame)
    {
        var (index, from, at, isLeftDone) = frame;
        var segment = _segments[index];
        var isLinked = at < _links.Length && _links[at].Parent == index;
        if (!isLinked)
        {
            Emit(index, from, segment.Length);
            return;
        }

        // Straight on to the next element something hangs on.
        var offset = _links[at].Offset;
        var id = new ElementId(segment.Replica, segment.Start + offset);
        if (!isLeftDone)
        {
            Emit(index, from, offset);
            var afterLeft = at;
            while (IsLinkAt(afterLeft, index, offset) && _links[afterLeft].IsLeft) afterLeft++;
            _stack.Push(new Frame(index, offset, at, true));
            var before = offset == 0 ? _origins[index].Left : new ElementId(segment.Replica, id.Counter - 1);
            for (var i = afterLeft - 1; i >= at; i--) Push(_links[i], before, id);
            return;
        }

        Emit(index, offset, offset + 1);
        while (IsLinkAt(at, index, offset) && _links[at].IsLeft) at++;
        var end = at;
        while (IsLinkAt(end, index, offset)) end++;

        // The rest of the segment is a right child among the others.
        var rest = end;
        var hasRest = offset + 1 < segment.Length;
        if (hasRest)
        {
            rest = at;
            var next = new ElementId(segment.Replica, id.Counter + 1);
            while (rest < end && ElementId.CompareSiblings(_links[rest].Id, next, areLeft: false) < 0) rest++;
        }

        for (var i = end - 1; i >= rest; i--) Push(_links[i], id, _origins[index].Right);
        if (hasRest) _stack.Push(new Frame(index, offset + 1, end, false));
        for (var i = rest - 1; i >= at; i--) Push(_links[i], id, _origins[index].Right);
    }

    private readonly bool IsLinkAt(int link, int segment, int offset) =>
        link < _links.Length && _links[link].Parent == segment && _links[link].Offset == offset;

    private void Emit(int index, int from, int to)
    {
        if (from == to) return;
        _walked += to - from;
        var segment = _segments[index].Slice(from, to);
        if (_blocks.Count > 0)
        {
            var last = _blocks[^1];
            var isOne = segment.Status == last.Segment.Status && segment.Continues(last.Segment)
                && (segment.Items is null
                    || (segment.Items == last.Segment.Items && segment.Offset == last.Segment.Offset + last.Segment.Length))
                && (long)last.Segment.Length + segment.Length <= int.MaxValue;
            if (isOne)
            {
                last.Segment.Length += segment.Length;
                last.Capacity = last.Segment.Length;
                return;
            }
        }

        var left = from == 0 ? _origins[index].Left : new ElementId(segment.Replica, segment.Start - 1);
        _blocks.Add(new Block<T> { Segment = segment, Capacity = segment.Length, LeftOrigin = left, RightOrigin = _origins[index].Right });
    }
}
