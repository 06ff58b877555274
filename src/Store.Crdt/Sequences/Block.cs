using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>What has become of an element.</summary>
internal enum ElementStatus : byte
{
    /// <summary>Readers see it.</summary>
    Alive = 0,

    /// <summary>Deleted: it keeps its place, without its content.</summary>
    Deleted = 1,

    /// <summary>Deleted, and a deletion of it is stable. It goes as soon as nothing else hangs on it.</summary>
    Settled = 2,
}

/// <summary>
/// Consecutive elements of one replica with one status, each the right child of the one before, next to one another in the document.
/// In this form elements are merged, shipped and stored.
/// </summary>
internal struct Segment<T>
{
    public ReplicaId Replica;
    public long Start;
    public int Length;
    public ElementStatus Status;

    /// <summary>Whether the first element is a left child of <see cref="Parent"/>.</summary>
    public bool IsLeft;
    public ElementId Parent;

    /// <summary>The contents from <see cref="Offset"/> on; null unless alive. What it holds within the segment never changes.</summary>
    public T[]? Items;
    public int Offset;

    public readonly long End => Start + Length;
    public readonly bool Continues(in Segment<T> before) =>
        !IsLeft && Replica == before.Replica && Start == before.End && Parent.Counter == Start - 1 && Parent.Replica == Replica;

    /// <summary>The elements from one offset to another, as a segment of their own.</summary>
    public readonly Segment<T> Slice(int from, int to)
    {
        var slice = this;
        slice.Length = to - from;
        slice.Start += from;
        slice.Offset += from;
        if (from == 0) return slice;
        slice.Parent = new ElementId(Replica, slice.Start - 1);
        slice.IsLeft = false;
        return slice;
    }
}

/// <summary>A segment in its place in a document.</summary>
internal sealed class Block<T>
{
    /// <summary>The elements. Changed only together with the tree's counts and the index.</summary>
    public Segment<T> Segment;

    /// <summary>How many items the array may hold from the segment's offset on without touching another block's.</summary>
    public int Capacity;

    /// <summary>
    /// The nearest ancestor in whose right subtree the first element is. In the words of Fugue, its left origin.
    /// It is kept so that "is this within the right subtree of that" takes one comparison.
    /// </summary>
    public ElementId LeftOrigin;

    /// <summary>The nearest ancestor in whose left subtree all the elements are. The root where there is none.</summary>
    public ElementId RightOrigin;

    /// <summary>The leaf of the <see cref="BlockTree{T}"/> that holds the block.</summary>
    public BlockTree<T>.Node Leaf = null!;

    public bool IsAlive => Segment.Status == ElementStatus.Alive;

    public int Visible => Segment.Status == ElementStatus.Alive ? Segment.Length : 0;

    public ElementId First => new(Segment.Replica, Segment.Start);

    public ElementId IdAt(int offset) => new(Segment.Replica, Segment.Start + offset);

    /// <summary>The left origin of an element of the block.</summary>
    public ElementId LeftOriginAt(int offset) => offset == 0 ? LeftOrigin : IdAt(offset - 1);
}
