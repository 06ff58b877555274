using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Lab.Running;

/// <summary>Brings about a timeline's faults in the run's own cluster.</summary>
internal sealed class ClusterFaults : IFaultDriver, IFaultTarget
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly GossipdbCluster _cluster;
    private readonly FaultScope _scope;
    private readonly FaultInjector _injector;

    public ClusterFaults(GossipdbCluster cluster, Scenario scenario)
    {
        _cluster = cluster;
        _scope = TimelineScope.Of(scenario.Cluster, scenario.Sides);
        _injector = new FaultInjector(this);
    }

    public IReadOnlyList<int> Nodes => [.. _cluster.Nodes.Select(static node => node.Id)];

    public INodeControl? Processes => (object)_cluster as INodeControl;

    public string WhyNoProcesses => "";

    public Task ApplyAsync(string words, CancellationToken stop) => _injector.ApplyAsync(FaultCommand.Parse(words, _scope), stop);

    public bool Mends(string words) => FaultCommand.Parse(words, _scope) is HealCommand { Sides: null };

    public async Task<bool> IsWholeAsync(CancellationToken stop)
    {
        var force = await _injector.InForceAsync(stop).ConfigureAwait(false);
        if (!force.Faults.IsEmpty || force.Otherwise.Count > 0 || force.Silent.Count > 0) return false;

        // A node that is down and no member any more is not started again.
        var down = (force.Processes ?? []).Where(static one => !one.IsRunning).Select(static one => one.Node).ToHashSet();
        if (down.Count == 0) return true;
        using var admin = _cluster.AdminOf(Nodes.First(node => !down.Contains(node)), Patience);
        var layout = await admin.LayoutAsync(stop).ConfigureAwait(false);
        return !layout.Members.Any(member => down.Contains(member.Id));
    }

    public async Task<FaultSet> FaultsAsync(int node, CancellationToken stop)
    {
        using var admin = _cluster.AdminOf(node, Patience);
        return await admin.FaultsAsync(stop).ConfigureAwait(false);
    }

    public async Task SetFaultsAsync(int node, FaultSet faults, CancellationToken stop)
    {
        using var admin = _cluster.AdminOf(node, Patience);
        await admin.SetFaultsAsync(faults, stop).ConfigureAwait(false);
    }

    public async Task ChangeLayoutAsync(Func<GossipdbAdmin, Task<ClusterLayout>> stage, CancellationToken stop)
    {
        GossipdbException? last = null;
        foreach (var node in Nodes)
        {
            using var admin = _cluster.AdminOf(node, Patience);
            try
            {
                await stage(admin).ConfigureAwait(false);
                await admin.ApplyLayoutAsync(cancellation: stop).ConfigureAwait(false);
                return;
            }
            catch (GossipdbException problem) when (problem is ConnectionException or TimedOutException)
            {
                last = problem; // this node is down: any other will do
            }
        }

        throw last ?? new ConnectionException("there is no node");
    }
}
