using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Tests.Running;

/// <summary>Which scenarios can be run in a cluster that goes on.</summary>
public sealed class ScenarioFitTests
{
    [Fact]
    public void A_cluster_of_three_takes_all_that_are_about_three_nodes() => Assert.Equal(
        [
            "cap", "pacelc", "shopping-cart", "stock", "read-your-writes", "one-way", "flapping", "slow-node", "pause", "clock-skew",
            "rolling-restart", "retries",
        ],
        ShippedScenarios.All.Where(static one => ScenarioFit.WhyNot(one, 3, 3) is null).Select(static one => one.Name));

    [Theory]
    [InlineData("bridge", 3, 3, "it is about 5 nodes with 5 replicas of each key, and this cluster has 3 nodes with 3 replicas")]
    [InlineData("bridge", 3, 3, "'gossipdb up --nodes 5 --replication 5' starts one that fits")]
    [InlineData("bridge", 5, 3, "this cluster has 5 nodes with 3 replicas")]
    [InlineData("lost-node", 4, 3, "it deletes a node's data, or changes which nodes there are: 'gossipdb lab run lost-node'")]
    [InlineData("zone-loss", 4, 3, "it needs zones or settings of its own: 'gossipdb lab run zone-loss'")]
    [InlineData("zone-loss", 3, 3, "this cluster has 3 nodes with 3 replicas of each key: 'gossipdb lab run zone-loss' starts one")]
    public void What_does_not_fit_says_why_and_what_helps(string name, int nodes, int replication, string why) => Assert.Contains(
        why, ScenarioFit.WhyNot(ShippedScenarios.Find(name)!, nodes, replication), StringComparison.Ordinal);
}
