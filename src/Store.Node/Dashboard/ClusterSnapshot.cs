using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Dashboard;

/// <summary>What a node said of itself.</summary>
/// <param name="Id">The node.</param>
/// <param name="Endpoint">Where it was asked.</param>
/// <param name="Status">What it said; null where it did not answer.</param>
/// <param name="Problem">Why it did not.</param>
internal sealed record NodeHeard(NodeId Id, string Endpoint, NodeStatus? Status, string? Problem);

/// <summary>What all nodes said at about one moment.</summary>
/// <param name="Self">The node that asked.</param>
/// <param name="Nodes">The nodes, by number.</param>
/// <param name="Layout">The layout it knows.</param>
/// <param name="Owners">Who is to own each partition.</param>
/// <param name="Staged">The layout with what is staged; null where nothing is.</param>
internal sealed record ClusterSnapshot(
    NodeId Self,
    IReadOnlyList<NodeHeard> Nodes,
    Layout Layout,
    IReadOnlyList<IReadOnlyList<NodeId>> Owners,
    LayoutReply? Staged)
{
    /// <summary>When it was taken, in Unix milliseconds by this node's wall clock.</summary>
    public long AtMs { get; } = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>The same in milliseconds of a clock that is never set.</summary>
    public long SteadyMs { get; } = Environment.TickCount64;

    /// <summary>The faults in force, as one node says them.</summary>
    public FaultSet Faults { get; } = Nodes.FirstOrDefault(static node => node.Status?.Faults is { } told && HasSome(told))?.Status!.Faults
        ?? new FaultSet();

    /// <summary>What a node said.</summary>
    public NodeHeard? Of(NodeId node) => Nodes.FirstOrDefault(heard => heard.Id == node);

    private static bool HasSome(FaultSet faults) => faults.Links.Count + faults.Clocks.Count + faults.Disks.Count > 0;
}
