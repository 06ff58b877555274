using Gossipdb.Cli.Connecting;
using Gossipdb.Client;

namespace Gossipdb.Cli.Top;

/// <summary>What all nodes said at about one moment.</summary>
/// <param name="At">When, by this machine's clock.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Nodes">The nodes, by number.</param>
/// <param name="Hot">What is asked for most; null where nobody says it.</param>
/// <param name="HotProblem">Why not; empty where it is said.</param>
internal sealed record TopSample(
    DateTimeOffset At, ClusterDescription Cluster, IReadOnlyList<NodeAnswer<NodeStatus>> Nodes, HotReport? Hot, string HotProblem)
{
    /// <summary>What a node said; null where it did not answer.</summary>
    public NodeStatus? Of(int node) => Nodes.FirstOrDefault(answer => answer.Node == node)?.Value;

    /// <summary>What each node said.</summary>
    public IReadOnlyDictionary<int, NodeStatus?> ByNode => Nodes.ToDictionary(static answer => answer.Node, static answer => answer.Value);
}
