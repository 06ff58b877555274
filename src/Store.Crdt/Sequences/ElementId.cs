using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// The identity of one element of a sequence for ever: who inserted it, and its place among that replica's insertions into this object
/// (1, 2, 3, … without gaps).
/// It is not a dot. All objects of a partition share one sequence of dots, and what one replica types in a row should have ids in a
/// row. A counter of 0 is the root, the imagined element before the first one.
/// </summary>
internal readonly record struct ElementId(ReplicaId Replica, long Counter)
{
    /// <summary>The root; also "there is none" of an ancestor to the right.</summary>
    public static ElementId Root => default;

    public bool IsRoot => Counter == 0;

    public bool Equals(ElementId other) => Counter == other.Counter && Replica.Value == other.Replica.Value;

    public override int GetHashCode() => (Replica.Value + ((ulong)Counter * 0x9E3779B97F4A7C15)).GetHashCode();

    /// <summary>
    /// The order of the children of one element on one side: by replica, and of one replica the newest nearest the parent.
    /// A replica gives an element a second child on a side only when the first one is dead.
    /// So nearest the parent it need not look at the dead ones.
    /// </summary>
    public static int CompareSiblings(ElementId a, ElementId b, bool areLeft)
    {
        var byReplica = a.Replica.CompareTo(b.Replica);
        if (byReplica != 0) return byReplica;
        return areLeft ? a.Counter.CompareTo(b.Counter) : b.Counter.CompareTo(a.Counter);
    }

    public override string ToString() => IsRoot ? "the start" : $"{Replica}.{Counter}";
}
