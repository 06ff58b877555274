using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// The state of a sequence of elements: the core of texts, lists and arrays.
/// <para>
/// The algorithm is Fugue. The elements are a tree, read depth first.
/// An element is inserted as the right child of the one before it. Where that has right children, it is inserted as the left child of
/// the one after it. So runs that several people type at one place stay in one piece each, forwards and backwards.
/// (Weidner, Kleppmann, "The Art of the Fugue: Minimizing Interleaving in Collaborative Text Editing", 2023, section 4.)
/// </para>
/// <para>
/// Unlike there, a deleted element with nothing alive below it is passed over when a parent is chosen. What is dead stays dead.
/// So all can drop whatever is wholly dead at a stable cut, without asking what is built on it.
/// </para>
/// <para>
/// A row of elements is one <see cref="Block{T}"/>, so typing costs an element, not a node.
/// The elements of two states unite, and so do their deletions. No clock is needed to join them, because both have dropped the same
/// (see <see cref="Collect"/>).
/// </para>
/// </summary>
internal sealed partial class SequenceState<T, TCodec>
    where TCodec : IElementCodec<T>
{
    private BlockTree<T> _tree = new();
    private BlockIndex<T> _index = new();
    private VersionVector _counters = new();
    private SequenceTags _tags = new();
    private readonly SequenceLog _log = new();
    private long _contentBytes;

    // Whether the collection under way has settled anything.
    private bool _hasSettled;

    // The last block found by position, and how many visible elements stand before it. Editing it, or what follows it, keeps it valid.
    private Block<T>? _found;
    private int _foundBefore;

    /// <summary>How many elements readers see.</summary>
    public int Count => _tree.Visible;

    public bool IsBottom => _tree.BlockCount == 0 && _counters.Count == 0 && _tags.Count == 0 && _log.Count == 0;

    public long ApproximateBytes =>
        _contentBytes + (7L * _tree.BlockCount) + (5L * _log.Count) + (10L * _counters.Count) + (40L * _tags.Count);

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

    /// <summary>The execution of a named operation with the least dot.</summary>
    public bool TryGetExecution(OperationId id, out Dot dot)
    {
        var found = _tags.TryGet(id, out var executions);
        dot = found ? executions[0].Dot : default;
        return found;
    }

    public SequenceFragment<T> Insert(int index, T[] items, UpdateContext context)
    {
        if (items.Length == 0) return new SequenceFragment<T>();
        var (parent, isLeft) = Place(index);
        var dot = context.NextDot();
        var first = new ElementId(context.Origin, _counters[context.Origin] + 1);
        var run = new Segment<T>
        {
            Replica = first.Replica,
            Start = first.Counter,
            Length = items.Length,
            Parent = parent,
            IsLeft = isLeft,
            Items = items,
        };
        return new SequenceFragment<T>
        {
            Log = [new LogItem(dot, 1, LogKind.Insert, first, items.Length, null)],
            Runs = [run],
            Tags = Tag(context, new SequenceTag(dot, first.Counter, items.Length, context.Operation.DeadlineUnixMs)),
        };
    }

    public SequenceFragment<T> Delete(int index, int count, UpdateContext context)
    {
        if (count == 0) return new SequenceFragment<T>();
        var dot = context.NextDot();
        var tags = Tag(context, new SequenceTag(dot, 0, 0, context.Operation.DeadlineUnixMs));
        var block = Find(index, out var offset);
        if (count <= block.Segment.Length - offset)
            return new SequenceFragment<T> { Log = [new LogItem(dot, 1, LogKind.Delete, block.IdAt(offset), count, null)], Tags = tags };

        var items = new List<LogItem>();
        while (true)
        {
            var part = Math.Min(block.Visible - offset, count);
            if (part > 0) items.Add(new LogItem(dot, 1, LogKind.Delete, block.IdAt(offset), part, null));
            count -= Math.Max(part, 0);
            if (count == 0) break;
            block = _tree.Next(block)!;
            offset = 0;
        }

        return new SequenceFragment<T> { Log = Coalesce(items), Tags = tags };
    }

    /// <summary>Deletes everything. Costs as many bytes as there are replicas that inserted something.</summary>
    public SequenceFragment<T> Clear(UpdateContext context)
    {
        var cleared = new VersionVector();
        if (Count == 0) return new SequenceFragment<T>();
        for (var block = _tree.FirstBlock; block is not null; block = _tree.Next(block))
            if (block.IsAlive) cleared.Advance(block.Segment.Replica, block.Segment.End - 1);
        return new SequenceFragment<T> { Log = [new LogItem(context.NextDot(), 1, LogKind.Clear, default, 0, cleared)] };
    }

    private static SequenceTags? Tag(UpdateContext context, SequenceTag tag)
    {
        if (!context.Operation.IsGiven) return null;
        var tags = new SequenceTags();
        tags.Add(context.Operation, tag);
        return tags;
    }

    /// <summary>The ranges one event deletes in order of id, neighbours as one.</summary>
    private static LogItem[] Coalesce(List<LogItem> items)
    {
        items.Sort(static (a, b) => a.Target.Replica != b.Target.Replica
            ? a.Target.Replica.CompareTo(b.Target.Replica) : a.Target.Counter.CompareTo(b.Target.Counter));
        var kept = 0;
        for (var i = 1; i < items.Count; i++)
        {
            var last = items[kept];
            if (items[i].Target == last.Target with { Counter = last.Target.Counter + last.Length })
                items[kept] = last with { Length = last.Length + items[i].Length };
            else items[++kept] = items[i];
        }

        items.RemoveRange(kept + 1, items.Count - kept - 1);
        return [.. items];
    }

    /// <summary>
    /// The parent of what is inserted before a visible element. Only tombstones stand between the visible elements on both sides.
    /// Those of them that have something alive below are ancestors of the right neighbour or of the left one.
    /// </summary>
    private (ElementId Parent, bool IsLeft) Place(int index)
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
}
