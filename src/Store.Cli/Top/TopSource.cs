using Gossipdb.Cli.Connecting;
using Gossipdb.Client;

namespace Gossipdb.Cli.Top;

/// <summary>Asks all nodes how they are, again and again. Nodes that join or leave are noticed.</summary>
internal sealed class TopSource : IDisposable
{
    // Enough for every page; a merge of more nodes makes more.
    private const int HotKeys = 100;
    private readonly GossipdbOptions _options;
    private ClusterAdmins _admins;

    private TopSource(GossipdbOptions options, ClusterAdmins admins) => (_options, _admins) = (options, admins);

    /// <summary>Finds the nodes.</summary>
    /// <exception cref="GossipdbException">No endpoint answers.</exception>
    public static async Task<TopSource> ConnectAsync(GossipdbOptions options, CancellationToken stop) =>
        new(options, await ClusterAdmins.ConnectAsync(options, stop));

    /// <summary>Asks every node. One that does not answer is part of the answer.</summary>
    public async Task<TopSample> TakeAsync(CancellationToken stop)
    {
        var hot = _admins.AskAllAsync((_, admin) => admin.HotAsync(HotKeys, stop));
        var nodes = await _admins.AskAllAsync((_, admin) => admin.StatusAsync(cancellation: stop));
        var told = await hot;
        var cluster = nodes.Select(static answer => answer.Value?.Cluster).OfType<ClusterDescription>()
            .MaxBy(static one => one.LayoutVersion) ?? _admins.Cluster;
        var reports = told.Select(static answer => answer.Value).OfType<HotReport>().ToList();
        var sample = new TopSample(
            DateTimeOffset.Now,
            cluster,
            nodes,
            reports.Count > 0 ? HotReport.Merge(reports) : null,
            reports.Count > 0 ? "" : told.FirstOrDefault()?.Problem?.Message ?? "");
        await FollowAsync(cluster, stop);
        return sample;
    }

    public void Dispose() => _admins.Dispose();

    // While nobody describes the cluster, those that were known are asked on.
    private async Task FollowAsync(ClusterDescription cluster, CancellationToken stop)
    {
        if (cluster.Nodes.Select(static node => node.Id).Order().SequenceEqual(_admins.Nodes)) return;
        try
        {
            var old = _admins;
            _admins = await ClusterAdmins.ConnectAsync(
                [.. cluster.Nodes.Where(static node => node.Reachable).Select(static node => node.Endpoint)], _options, stop);
            old.Dispose();
        }
        catch (GossipdbException)
        {
            // The next look tries again.
        }
    }
}
