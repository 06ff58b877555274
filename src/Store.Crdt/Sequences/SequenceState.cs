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
    private readonly SequenceElements<T, TCodec> _elements = new();
    private readonly SequenceLog _log = new();
    private VersionVector _counters = new();
    private SequenceTags _tags = new();

    /// <summary>How many elements readers see.</summary>
    public int Count => _elements.Count;

    public bool IsBottom => _elements.BlockCount == 0 && _counters.Count == 0 && _tags.Count == 0 && _log.Count == 0;

    public long ApproximateBytes =>
        _elements.ContentBytes + (7L * _elements.BlockCount) + (5L * _log.Count) + (10L * _counters.Count) + (40L * _tags.Count);

    /// <inheritdoc cref="SequenceElements{T, TCodec}.ItemAt"/>
    public T ItemAt(int index) => _elements.ItemAt(index);

    /// <inheritdoc cref="SequenceElements{T, TCodec}.IdAt"/>
    public ElementId IdAt(int index) => _elements.IdAt(index);

    /// <inheritdoc cref="SequenceElements{T, TCodec}.TryIndexOf"/>
    public bool TryIndexOf(ElementId id, out int index) => _elements.TryIndexOf(id, out index);

    /// <inheritdoc cref="SequenceElements{T, TCodec}.CopyTo"/>
    public void CopyTo(int start, Span<T> into) => _elements.CopyTo(start, into);

    /// <summary>The execution of a named operation with the least dot.</summary>
    public bool TryGetExecution(OperationId id, out Dot dot)
    {
        var found = _tags.TryGet(id, out var executions);
        dot = found ? executions[0].Dot : default;
        return found;
    }

    /// <summary>A state that holds these items and nothing else, as if one replica had put them there at once.</summary>
    public static SequenceState<T, TCodec> Of(T[] items)
    {
        var state = new SequenceState<T, TCodec>();
        var nothing = new VersionVector();
        state.Join(state.Insert(0, items, new UpdateContext(new ReplicaId(1), nothing, default, OperationId.None)), nothing);
        return state;
    }

    public SequenceFragment<T> Insert(int index, T[] items, UpdateContext context)
    {
        if (items.Length == 0) return new SequenceFragment<T>();
        var (parent, isLeft) = _elements.Place(index);
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
        var block = _elements.Find(index, out var offset);
        if (count <= block.Segment.Length - offset)
            return new SequenceFragment<T> { Log = [new LogItem(dot, 1, LogKind.Delete, block.IdAt(offset), count, null)], Tags = tags };

        var items = new List<LogItem>();
        while (true)
        {
            var part = Math.Min(block.Visible - offset, count);
            if (part > 0) items.Add(new LogItem(dot, 1, LogKind.Delete, block.IdAt(offset), part, null));
            count -= Math.Max(part, 0);
            if (count == 0) break;
            block = _elements.Next(block)!;
            offset = 0;
        }

        return new SequenceFragment<T> { Log = Coalesce(items), Tags = tags };
    }

    /// <summary>Deletes everything. Costs as many bytes as there are replicas that inserted something.</summary>
    public SequenceFragment<T> Clear(UpdateContext context)
    {
        var cleared = new VersionVector();
        if (Count == 0) return new SequenceFragment<T>();
        for (var block = _elements.FirstBlock; block is not null; block = _elements.Next(block))
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
}
