using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>Brings about a timeline's faults in the run's own cluster.</summary>
internal sealed class ClusterFaults : IFaultDriver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ProcessCluster _cluster;
    private readonly FaultScope _scope;
    private readonly FaultInjector _injector;

    public ClusterFaults(ProcessCluster cluster, Scenario scenario)
    {
        _cluster = cluster;
        _scope = TimelineScope.Of(scenario.Cluster, scenario.Sides);
        _injector = new FaultInjector(AdminTarget.Of(cluster));
    }

    public async Task ApplyAsync(string words, CancellationToken stop)
    {
        var command = FaultCommand.Parse(words, _scope);
        IReadOnlyList<int> started = command switch
        {
            ProcessCommand { Order: NodeOrder.Start } start => start.Nodes,
            HealCommand { Sides: null } => [.. _cluster.Processes.Where(static one => one.IsDown).Select(static one => one.Node)],
            _ => [],
        };
        await _injector.ApplyAsync(command, stop).ConfigureAwait(false);

        // What comes next in a timeline is meant to come once they serve.
        await Task.WhenAll(started.Select(node => _cluster.WaitReadyAsync(node, stop))).ConfigureAwait(false);
    }

    public bool Mends(string words) => FaultCommand.Parse(words, _scope)
        is HealCommand { Sides: null } or ReplaceCommand { Force: true } or RemoveCommand { Force: true };

    public async Task<bool> IsWholeAsync(CancellationToken stop)
    {
        var force = await _injector.InForceAsync(stop).ConfigureAwait(false);
        if (!force.Faults.IsEmpty || force.Otherwise.Count > 0 || force.Silent.Count > 0) return false;

        // A node that is down and no member any more is not started again.
        var down = (force.Processes ?? []).Where(static one => !one.IsRunning).Select(static one => one.Node).ToHashSet();
        if (down.Count == 0) return true;
        using var admin = _cluster.AdminOf(_cluster.Nodes.First(node => !down.Contains(node.Id)).Id, Patience);
        var layout = await admin.LayoutAsync(stop).ConfigureAwait(false);
        return !layout.Members.Any(member => down.Contains(member.Id));
    }
}
