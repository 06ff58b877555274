namespace Gossipdb.LocalCluster;

/// <summary>
/// Whoever has started the processes of a local cluster, as the one who gives orders sees it: in the same process
/// (<see cref="ProcessCluster"/>), or through a socket (<c>ControlClient</c>).
/// </summary>
public interface INodeControl
{
    /// <summary>Every node's process, in the order of their numbers.</summary>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">Nobody answers.</exception>
    Task<IReadOnlyList<NodeProcessStatus>> ProcessesAsync(CancellationToken stop = default);

    /// <summary>
    /// Carries out an order, and returns once it is. A node that is started or goes on has been told by then which faults are in force;
    /// it may not serve yet.
    /// </summary>
    /// <param name="order">What to do.</param>
    /// <param name="node">To which node.</param>
    /// <param name="directory">For <see cref="NodeOrder.Save"/> and <see cref="NodeOrder.Restore"/>: where the copy is, as a full
    /// path.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It cannot be done, and why: there is no such node, it is running, it is down, and so
    /// on.</exception>
    Task OrderAsync(NodeOrder order, int node, string? directory = null, CancellationToken stop = default);

    /// <summary>Starts one more node, which holds nothing until the layout names it, and waits until it serves.</summary>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It does not start.</exception>
    Task<NodeAddress> StartNewNodeAsync(CancellationToken stop = default);
}
