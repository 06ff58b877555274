using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>A stable cut as an event carries it, with the nodes that are asked before the next one is decided.</summary>
/// <param name="StableCut">What is stable.</param>
/// <param name="Needs">
/// Every change that may not have seen all of the stable cut is at or below this clock. So a replica that covers it may collect at the cut.
/// Every owner had it on disk when the event was made.
/// </param>
/// <param name="FallbackMembership">The fallback membership.</param>
internal sealed record StableCutDecision(StableCut StableCut, VersionVector Needs, FallbackMembership FallbackMembership)
{
    /// <summary>Writes all three.</summary>
    public void Encode(ByteWriter writer)
    {
        StableCut.Encode(writer);
        Needs.Encode(writer);
        FallbackMembership.Encode(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a decision.</exception>
    public static StableCutDecision Decode(ref ByteReader reader) =>
        new(StableCut.Decode(ref reader), VersionVector.Decode(ref reader), FallbackMembership.Decode(ref reader));
}
