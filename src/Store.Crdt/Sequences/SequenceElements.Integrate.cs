using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <content>Where a new element goes.</content>
internal sealed partial class SequenceElements<T, TCodec>
{
    /// <summary>Puts a run of new elements in its place below its parent.</summary>
    public void Integrate(Segment<T> run)
    {
        Block<T>? parent = null;
        var offset = 0;
        if (!run.Parent.IsRoot)
        {
            parent = _index.Find(run.Parent)
                ?? throw new CorruptDataException($"the parent {run.Parent} of an inserted element is not there");
            offset = (int)(run.Parent.Counter - parent.Segment.Start);
        }

        var before = run.IsLeft ? BeforeLeftChild(run, parent!, offset) : BeforeRightChild(run, parent, offset);
        if (run.Status == ElementStatus.Alive) ContentBytes += TCodec.Size(run.Items.AsSpan(run.Offset, run.Length));
        if (_found != before) _found = null;
        if (before is not null && before == parent && TryAppend(before, run)) return;
        var block = new Block<T>
        {
            Segment = run,
            Capacity = run.Length,
            LeftOrigin = run.IsLeft ? LeftOriginOf(parent!, run.Parent) : run.Parent,
            RightOrigin = run.IsLeft ? run.Parent : parent?.RightOrigin ?? ElementId.Root,
        };
        _tree.InsertAfter(before, block);
        _index.Add(block);
    }

    private ElementId LeftOriginOf(Block<T> parent, ElementId id)
    {
        // The place may have been made by cutting the parent's block.
        if (parent.Segment.End <= id.Counter) parent = _index.Find(id)!;
        return parent.LeftOriginAt((int)(id.Counter - parent.Segment.Start));
    }

    /// <summary>Lengthens a block by what continues it.</summary>
    private bool TryAppend(Block<T> block, in Segment<T> run)
    {
        ref var segment = ref block.Segment;
        if (run.Status != segment.Status || !run.Continues(segment) || (long)segment.Length + run.Length > int.MaxValue) return false;
        if (run.Status == ElementStatus.Alive)
        {
            var length = segment.Length + run.Length;
            if (length > block.Capacity)
            {
                block.Capacity = (int)Math.Min(int.MaxValue, Math.Max(8, length + ((long)length / 2)));
                var longer = new T[block.Capacity];
                segment.Items.AsSpan(segment.Offset, segment.Length).CopyTo(longer);
                segment.Items = longer;
                segment.Offset = 0;
            }

            run.Items.AsSpan(run.Offset, run.Length).CopyTo(segment.Items.AsSpan(segment.Offset + segment.Length));
            _tree.Add(block, run.Length);
        }

        segment.Length += run.Length;
        return true;
    }

    /// <summary>
    /// The block behind which a right child goes: behind its parent and the subtrees of the siblings that come
    /// before it.
    /// </summary>
    private Block<T>? BeforeRightChild(in Segment<T> run, Block<T>? parent, int offset)
    {
        var id = new ElementId(run.Replica, run.Start);
        if (parent is not null
            && offset + 1 < parent.Segment.Length
            && ElementId.CompareSiblings(id, parent.IdAt(offset + 1), areLeft: false) < 0)
        {
            Split(parent, offset + 1);
            return parent;
        }

        var before = parent;
        for (var next = parent is null ? _tree.FirstBlock : _tree.Next(parent); next is not null; next = _tree.Next(next))
        {
            if (next.LeftOrigin == run.Parent)
            {
                if (ElementId.CompareSiblings(id, TopRight(next, run.Parent), areLeft: false) < 0) break;
            }
            else if (!IsBehind(next.LeftOrigin, parent, offset))
            {
                break;
            }

            before = next;
        }

        return before;
    }

    /// <summary>The block behind which a left child goes: before its parent and the subtrees of the siblings that come after it.</summary>
    private Block<T>? BeforeLeftChild(in Segment<T> run, Block<T> parent, int offset)
    {
        if (offset > 0)
        {
            Split(parent, offset);
            return parent;
        }

        var id = new ElementId(run.Replica, run.Start);
        var before = _tree.Previous(parent);
        for (; before is not null; before = _tree.Previous(before))
        {
            if (before.RightOrigin == run.Parent)
            {
                if (ElementId.CompareSiblings(TopLeft(before, run.Parent), id, areLeft: true) < 0) break;
            }
            else if (before.RightOrigin.IsRoot || !BlockTree<T>.Precedes(_index.Find(before.RightOrigin)!, parent))
            {
                break;
            }
        }

        return before;
    }

    /// <summary>Whether an element stands behind a place in a block. All stand behind the root.</summary>
    private bool IsBehind(ElementId id, Block<T>? block, int offset)
    {
        if (id.IsRoot) return false;
        if (block is null) return true;
        var other = _index.Find(id)!;
        return other == block ? id.Counter - block.Segment.Start > offset : BlockTree<T>.Precedes(block, other);
    }

    /// <summary>The right child of <paramref name="parent"/> whose left edge the block begins.</summary>
    private ElementId TopRight(Block<T> block, ElementId parent)
    {
        while (block.Segment.IsLeft)
        {
            var above = block.Segment.Parent;
            block = _index.Find(above)!;
            if (above.Counter != block.Segment.Start) return above;
        }

        return block.First;
    }

    /// <summary>The left child of <paramref name="parent"/> on whose right edge the block is.</summary>
    private ElementId TopLeft(Block<T> block, ElementId parent)
    {
        while (!block.Segment.IsLeft) block = _index.Find(block.Segment.Parent)!;
        return block.First;
    }
}
