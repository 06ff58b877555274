using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// The elements of a sequence in the order of the document, alive and dead, as blocks that are found by position and by id.
/// Which of them are new and which are to die, <see cref="SequenceState{T, TCodec}"/> says.
/// </summary>
internal sealed partial class SequenceElements<T, TCodec>
    where TCodec : IElementCodec<T>
{
    private BlockTree<T> _tree = new();
    private BlockIndex<T> _index = new();

    // Whether anything was settled that is not pruned yet.
    private bool _hasSettled;

    // The last block found by position, and how many visible elements stand before it. Editing it, or what follows it, keeps it valid.
    private Block<T>? _found;
    private int _foundBefore;

    /// <summary>How many elements readers see.</summary>
    public int Count => _tree.Visible;

    public int BlockCount => _tree.BlockCount;

    /// <summary>The size of what readers see.</summary>
    public long ContentBytes { get; private set; }

    public Block<T>? FirstBlock => _tree.FirstBlock;

    public Block<T>? Next(Block<T> block) => _tree.Next(block);

    /// <summary>The block and the place in it of a visible element.</summary>
    public Block<T> Find(int index, out int offset)
    {
        if (_found is { IsAlive: true } found && (uint)(index - _foundBefore) < (uint)found.Segment.Length)
        {
            offset = index - _foundBefore;
            return found;
        }

        _found = _tree.Find(index, out offset);
        _foundBefore = index - offset;
        return _found;
    }

    public T ItemAt(int index)
    {
        var block = Find(index, out var offset);
        return block.Segment.Items![block.Segment.Offset + offset];
    }

    /// <summary>The identity of a visible element.</summary>
    public ElementId IdAt(int index)
    {
        var block = Find(index, out var offset);
        return block.IdAt(offset);
    }

    /// <summary>Where an element stands; false where it was deleted or is not here.</summary>
    public bool TryIndexOf(ElementId id, out int index)
    {
        index = -1;
        if (_index.Find(id) is not { IsAlive: true } block) return false;
        index = _tree.VisibleBefore(block) + (int)(id.Counter - block.Segment.Start);
        return true;
    }

    /// <summary>Copies visible elements from an index on: as many as fit.</summary>
    public void CopyTo(int start, Span<T> into)
    {
        if (into.IsEmpty) return;
        var block = Find(start, out var offset);
        while (true)
        {
            if (block.IsAlive)
            {
                var part = block.Segment.Items.AsSpan(block.Segment.Offset + offset, Math.Min(block.Segment.Length - offset, into.Length));
                part.CopyTo(into);
                into = into[part.Length..];
                if (into.IsEmpty) return;
            }

            block = _tree.Next(block)!;
            offset = 0;
        }
    }

    /// <summary>
    /// The parent of what is inserted before a visible element. Only tombstones stand between the visible elements on both sides.
    /// Those of them that have something alive below are ancestors of the right neighbour or of the left one.
    /// </summary>
    public (ElementId Parent, bool IsLeft) Place(int index)
    {
        Block<T>? before = null;
        var left = ElementId.Root;
        if (index > 0)
        {
            before = Find(index - 1, out var offset);
            left = before.IdAt(offset);
            if (offset + 1 < before.Segment.Length) return (before.IdAt(offset + 1), true);
        }

        var next = before is null ? _tree.FirstBlock : _tree.Next(before);
        if (next is null || next.LeftOrigin != left || index == Count) return (left, false);

        // The topmost ancestor of the right neighbour that stands behind the left one.
        // All of these ancestors are alive, or have something alive below.
        var child = next.IsAlive ? next : _tree.Find(index, out _);
        while (child.LeftOrigin != left)
        {
            if (child.LeftOrigin.IsRoot) return (left, false);
            var ancestor = _index.Find(child.LeftOrigin)!;
            if (before is not null && !BlockTree<T>.Precedes(before, ancestor)) return (left, false);
            child = ancestor;
        }

        return (child.First, true);
    }

    /// <summary>All elements in order of id.</summary>
    public List<Segment<T>> Segments()
    {
        var segments = new List<Segment<T>>(_tree.BlockCount);
        foreach (var replica in _index.Replicas)
        {
            var cursor = replica.From(0);
            while (cursor.MoveNext()) segments.Add(cursor.Current.Segment);
        }

        return segments;
    }

    /// <summary>Adds the elements of a replica from a counter on, in order.</summary>
    public void AddFrom(ReplicaId replica, long start, List<Segment<T>> into)
    {
        var cursor = _index.Of(replica)!.From(start);
        while (cursor.MoveNext())
        {
            var segment = cursor.Current.Segment;
            into.Add(segment.Start >= start ? segment : segment.Slice((int)(start - segment.Start), segment.Length));
        }
    }

    /// <summary>Takes in elements, each with what has become of it elsewhere.</summary>
    public void Unite(List<Segment<T>> others) => Build(Union(Segments(), others));

    /// <summary>Holds these elements, in order of id, and no others.</summary>
    public void Build(List<Segment<T>> segments) => Load(SequenceBuilder<T>.Build(segments));

    /// <summary>Takes blocks in the order of the document.</summary>
    private void Load(List<Block<T>> blocks)
    {
        _found = null;
        _tree = new BlockTree<T>();
        _tree.Load(blocks);
        _index = new BlockIndex<T>();
        ContentBytes = 0;
        var byId = blocks.ToArray();
        Array.Sort(byId, static (a, b) => a.Segment.Replica != b.Segment.Replica
            ? a.Segment.Replica.CompareTo(b.Segment.Replica) : a.Segment.Start.CompareTo(b.Segment.Start));
        foreach (var block in byId)
        {
            _index.Add(block);
            if (block.IsAlive) ContentBytes += TCodec.Size(block.Segment.Items.AsSpan(block.Segment.Offset, block.Segment.Length));
        }
    }

    /// <summary>The elements of both, each with what has become of it on either side.</summary>
    private static List<Segment<T>> Union(List<Segment<T>> mine, List<Segment<T>> theirs)
    {
        var result = new List<Segment<T>>(mine.Count + theirs.Count);
        int m = 0, t = 0;
        while (m < mine.Count && t < theirs.Count)
        {
            var (a, b) = (mine[m], theirs[t]);
            var order = a.Replica.CompareTo(b.Replica);
            if (order < 0 || (order == 0 && a.End <= b.Start))
            {
                result.Add(a);
                m++;
            }
            else if (order > 0 || b.End <= a.Start)
            {
                result.Add(b);
                t++;
            }
            else if (a.Start != b.Start)
            {
                // They overlap. What only one of them has goes first.
                var isMine = a.Start < b.Start;
                var cut = (int)Math.Abs(a.Start - b.Start);
                result.Add((isMine ? a : b).Slice(0, cut));
                if (isMine) mine[m] = a.Slice(cut, a.Length);
                else theirs[t] = b.Slice(cut, b.Length);
            }
            else
            {
                var both = Math.Min(a.Length, b.Length);
                result.Add((a.Status >= b.Status ? a : b).Slice(0, both));
                if (both == a.Length) m++;
                else mine[m] = a.Slice(both, a.Length);
                if (both == b.Length) t++;
                else theirs[t] = b.Slice(both, b.Length);
            }
        }

        for (; m < mine.Count; m++) result.Add(mine[m]);
        for (; t < theirs.Count; t++) result.Add(theirs[t]);
        return result;
    }
}
