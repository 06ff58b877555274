using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sets;

/// <summary>Some members of a set, and where the next page begins.</summary>
/// <param name="Members">Members, in the set's own order.</param>
/// <param name="Next">What to ask the next page with, at this or any other replica; null where there are no more.</param>
public readonly record struct SetPage(IReadOnlyList<Bytes> Members, Bytes? Next);

/// <summary>What a reader gets of a set of any kind.</summary>
public abstract class CrdtSet : Crdt
{
    /// <summary>How many elements. Costs nothing.</summary>
    public abstract int Count { get; }

    /// <inheritdoc/>
    public override bool IsVisible => Count > 0;

    /// <summary>True where the element is in the set.</summary>
    public abstract bool Contains(Bytes element);

    /// <summary>The elements in ascending order, in an array of the caller's own. Costs a pass over the set, and sorting.</summary>
    public abstract Bytes[] Elements();

    /// <summary>
    /// At most <paramref name="limit"/> elements behind a cursor (null: from the start). Costs what it returns.
    /// An element that is in the set from the first page to the last is returned exactly once, whatever is added and removed meanwhile,
    /// and whichever replicas answer. One that comes or goes meanwhile is returned at most once.
    /// A page may hold fewer than asked for, even none: only <see cref="SetPage.Next"/> tells the end.
    /// The order is the set's own, by a hash of the elements. It is the same at every replica.
    /// </summary>
    /// <exception cref="ArgumentException">The cursor is not one of a set's page, or the limit is below 1.</exception>
    public abstract SetPage Page(Bytes? cursor, int limit);
}
