using Gossipdb.Lab.Faults;

namespace Gossipdb.Lab.Scenarios;

/// <summary>What the words of a timeline may speak of: nodes, and sides and zones by their names.</summary>
internal static class TimelineScope
{
    /// <summary>The scope of a scenario whose nodes come and go: any number may be a node by then.</summary>
    public static FaultScope Of(ScenarioCluster cluster, IReadOnlyDictionary<string, IReadOnlyList<int>> sides) => new()
    {
        Groups = new Dictionary<string, IReadOnlyDictionary<string, NodeList>>
        {
            ["side"] = Lists(sides),
            ["zone"] = Lists(cluster.Zones),
        },
    };

    /// <summary>The same while there are so many nodes.</summary>
    public static FaultScope Of(ScenarioCluster cluster, IReadOnlyDictionary<string, IReadOnlyList<int>> sides, int nodes) =>
        Of(cluster, sides) with { Nodes = [.. Enumerable.Range(1, nodes)] };

    private static SortedDictionary<string, NodeList> Lists(IReadOnlyDictionary<string, IReadOnlyList<int>> groups) =>
        new(groups.ToDictionary(static group => group.Key, static group => new NodeList(group.Value)), StringComparer.Ordinal);
}
