using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Faults;

/// <summary>A cluster, reached as its operator reaches it.</summary>
public sealed class AdminTarget : IFaultTarget
{
    // Only processes that run are asked, and clients' ports are never cut: one that is slow to answer has much to do.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(20);

    private readonly Func<IReadOnlyList<int>> _nodes;
    private readonly Func<int, Lease> _adminOf;

    private AdminTarget(Func<IReadOnlyList<int>> nodes, Func<int, Lease> adminOf, INodeControl? processes, string whyNoProcesses) =>
        (_nodes, _adminOf, Processes, WhyNoProcesses) = (nodes, adminOf, processes, whyNoProcesses);

    /// <summary>A cluster whose processes this process has started.</summary>
    /// <param name="cluster">The cluster.</param>
    public static AdminTarget Of(ProcessCluster cluster) => new(
        () => [.. cluster.Nodes.Select(static node => node.Id)],
        node => new Lease(cluster.AdminOf(node, AnswerWithin), IsOwn: true),
        cluster,
        "");

    /// <summary>Any cluster.</summary>
    /// <param name="admins">The operator's view of each node; whoever made them disposes of them.</param>
    /// <param name="processes">Who has started the processes; null where that is nobody on this machine.</param>
    /// <param name="whyNoProcesses">Then: why.</param>
    public static AdminTarget Of(IReadOnlyDictionary<int, GossipdbAdmin> admins, INodeControl? processes, string whyNoProcesses) => new(
        () => [.. admins.Keys.Order()],
        node => new Lease(admins[node], IsOwn: false),
        processes,
        whyNoProcesses);

    /// <inheritdoc/>
    public IReadOnlyList<int> Nodes => _nodes();

    /// <inheritdoc/>
    public INodeControl? Processes { get; }

    /// <inheritdoc/>
    public string WhyNoProcesses { get; }

    /// <inheritdoc/>
    public async Task<FaultSet> FaultsAsync(int node, CancellationToken stop)
    {
        using var lease = _adminOf(node);
        return await lease.Admin.FaultsAsync(stop);
    }

    /// <inheritdoc/>
    public async Task SetFaultsAsync(int node, FaultSet faults, CancellationToken stop)
    {
        using var lease = _adminOf(node);
        await lease.Admin.SetFaultsAsync(faults, stop);
    }

    /// <inheritdoc/>
    public async Task ChangeLayoutAsync(Func<GossipdbAdmin, Task<ClusterLayout>> stage, CancellationToken stop)
    {
        foreach (var node in Nodes)
        {
            using var lease = _adminOf(node);
            try
            {
                await lease.Admin.LayoutAsync(stop);
            }
            catch (ConnectionException) when (node != Nodes[^1])
            {
                continue; // the next one may be there
            }

            await stage(lease.Admin);
            await lease.Admin.ApplyLayoutAsync(cancellation: stop);
            return;
        }
    }

    private readonly record struct Lease(GossipdbAdmin Admin, bool IsOwn) : IDisposable
    {
        public void Dispose()
        {
            if (IsOwn) Admin.Dispose();
        }
    }
}
