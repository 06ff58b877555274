using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Simulation.Workload;

/// <summary>An element that one operation adds, and what is known of that.</summary>
internal sealed class Added
{
    public ulong AckedBy { get; set; }

    /// <summary>A stand-in acked it, for an owner that had not, and has it on disk.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The stand-ins that acked it, each with its life then.</summary>
    public List<(NodeId Node, int Incarnation)> HeldBy { get; } = [];

    /// <summary>Names it alone; null where it is not known to be made.</summary>
    public VersionVector? Clock { get; set; }
    public bool IsMadeByStandIn { get; set; }
    public bool RemoveRequested { get; set; }
    public ulong RemoveAckedBy { get; set; }
}
