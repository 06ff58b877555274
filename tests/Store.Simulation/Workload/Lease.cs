using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Simulation.Workload;

/// <summary>A key that is written once, to live a short time, and perhaps given an endless life by somebody who still saw it.</summary>
internal sealed class Lease(Bytes key)
{
    /// <summary>The longest life one is given.</summary>
    public const int LongestMs = 3_000;

    public Bytes Key { get; } = key;
    public ulong MadeEndlessBy { get; set; }

    /// <summary>True where a stand-in had acked that.</summary>
    public bool IsEndlessHeld { get; set; }
}
