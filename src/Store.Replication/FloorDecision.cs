using Gossipdb.Crdt;

namespace Gossipdb.Replication;

/// <summary>A floor as an event carries it, and who is asked before the next one is decided.</summary>
/// <param name="Floor">What is stable.</param>
/// <param name="Needs">Every change that may not have seen all of the floor is at or below this clock: who covers it may collect at the floor. Every owner had it on disk when the event was made.</param>
/// <param name="StandIns">The stand-ins.</param>
public sealed record FloorDecision(StableFloor Floor, VersionVector Needs, Roster StandIns)
{
    /// <summary>Writes all three.</summary>
    public void Encode(ByteWriter writer)
    {
        Floor.Encode(writer);
        Needs.Encode(writer);
        StandIns.Encode(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a decision.</exception>
    public static FloorDecision Decode(ref ByteReader reader) => new(StableFloor.Decode(ref reader), VersionVector.Decode(ref reader), Roster.Decode(ref reader));
}
