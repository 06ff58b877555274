using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>Whether a scenario can be run in a cluster that is there already, and goes on afterwards.</summary>
internal static class ScenarioFit
{
    /// <summary>Why it cannot; null where it can. How many partitions there are does not matter.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="nodes">How many nodes the cluster has.</param>
    /// <param name="replication">How many replicas a key has there.</param>
    public static string? WhyNot(Scenario scenario, int nodes, int replication)
    {
        var wanted = scenario.Cluster;
        if (wanted.Nodes != nodes || wanted.Replication != replication)
        {
            return $"it is about {Shape(wanted.Nodes, wanted.Replication)}, and this cluster has {Shape(nodes, replication)}: "
                + (ChangesForGood(scenario) || NeedsMore(wanted)
                    ? $"'gossipdb lab run {scenario.Name}' starts one of its own"
                    : $"'gossipdb up --nodes {wanted.Nodes} --replication {wanted.Replication}' starts one that fits, "
                        + $"and 'gossipdb lab run {scenario.Name}' one of its own");
        }

        var own = $"'gossipdb lab run {scenario.Name}' starts a cluster of its own for it";
        if (NeedsMore(wanted)) return $"it needs zones or settings of its own: {own}";
        return ChangesForGood(scenario) ? $"it deletes a node's data, or changes which nodes there are: {own}" : null;
    }

    private static string Shape(int nodes, int replication) => $"{nodes} nodes with {replication} replicas of each key";

    private static bool NeedsMore(ScenarioCluster wanted) => wanted.Zones.Count > 0 || wanted.Settings.Count > 0;

    private static bool ChangesForGood(Scenario scenario)
    {
        var scope = TimelineScope.Of(scenario.Cluster, scenario.Sides);
        return scenario.Timeline.SelectMany(static moment => moment.Faults).Any(fault => FaultCommand.Parse(fault.Text, scope)
            is AddCommand or RemoveCommand or ReplaceCommand or ProcessCommand { Order: NodeOrder.Wipe or NodeOrder.Restore });
    }
}
