namespace Gossipdb.Crdt.Causality;

/// <summary>
/// The name of one elementary change: the replica that made it and its place in that replica's sequence (1, 2, 3, … without gaps).
/// A dot names one change for ever.
/// (Almeida et al., "Scalable and accurate causality tracking", 2014; Preguiça et al., "Dotted version vectors", 2010.)
/// </summary>
public readonly record struct Dot(ReplicaId Replica, long Sequence) : IComparable<Dot>, IDotted
{
    Dot IDotted.Dot => this;

    /// <summary>Orders by replica, then by sequence: a deterministic order, not a causal one.</summary>
    public int CompareTo(Dot other)
    {
        var byReplica = Replica.CompareTo(other.Replica);
        return byReplica != 0 ? byReplica : Sequence.CompareTo(other.Sequence);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Replica}:{Sequence}";
}
