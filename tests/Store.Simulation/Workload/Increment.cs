using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Simulation.Workload;

/// <summary>A change of a counter, and what is known of it.</summary>
internal sealed class Increment
{
    public required Bytes Key { get; init; }
    public required CrdtType Type { get; init; }
    public required long Amount { get; init; }
    public ulong AckedBy { get; set; }

    /// <summary>A stand-in acked it, for an owner that had not.</summary>
    public bool IsHeld { get; set; }
    public bool MayHaveHappened { get; set; }
}
