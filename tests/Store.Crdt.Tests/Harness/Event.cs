using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>One event of one object: what was asked, what its origin had seen and forgotten, and the delta it made.</summary>
internal sealed record Event(
    Dot Name,
    int Count,
    VersionVector Dependencies,
    HybridTimestamp Timestamp,
    OperationId Id,
    Operation Operation,
    Crdt Delta,
    StableCut StableCut)
{
    public VersionVector Clock { get; } = With(Dependencies, new Dot(Name.Replica, Name.Sequence + Count - 1));

    /// <summary>Happens-before, as far as a specification may look.</summary>
    public bool Sees(Event earlier) => Dependencies.Contains(earlier.Name);

    private static VersionVector With(VersionVector clock, Dot dot)
    {
        var result = clock.Copy();
        result.Advance(dot.Replica, dot.Sequence);
        return result;
    }
}
