using System.Collections.Concurrent;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>Asks the nodes of a cluster how they are. Clients' ports are never cut: it sees all sides of a cut.</summary>
internal sealed class ClusterPoll(ProcessCluster cluster) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, GossipdbAdmin> _admins = new();

    /// <summary>The nodes there are, whether they run or not.</summary>
    public IReadOnlyList<int> Nodes => [.. cluster.Nodes.Select(static node => node.Id)];

    /// <summary>The operator's view of a node.</summary>
    public GossipdbAdmin AdminOf(int node) => _admins.GetOrAdd(node, id => cluster.AdminOf(id, Patience));

    /// <summary>What a node says of itself; null where it does not answer.</summary>
    public async Task<NodeStatus?> AskAsync(int node, bool digests, CancellationToken stop)
    {
        try
        {
            return await AdminOf(node).StatusAsync(digests, stop).ConfigureAwait(false);
        }
        catch (GossipdbException)
        {
            return null;
        }
    }

    /// <summary>What every node says of itself that answers.</summary>
    public async Task<IReadOnlyList<NodeStatus>> AskAllAsync(bool digests, CancellationToken stop)
    {
        var answers = await Task.WhenAll(Nodes.Select(node => AskAsync(node, digests, stop))).ConfigureAwait(false);
        return [.. answers.OfType<NodeStatus>()];
    }

    /// <summary>Who is a member of the newest layout that a node tells; nobody where none answers.</summary>
    public static IReadOnlyList<int> MembersOf(IReadOnlyList<NodeStatus> all) =>
        [.. all.MaxBy(static node => node.Cluster.LayoutVersion)?.Cluster.Nodes.Select(static node => node.Id) ?? []];

    public void Dispose()
    {
        foreach (var admin in _admins.Values) admin.Dispose();
    }
}
