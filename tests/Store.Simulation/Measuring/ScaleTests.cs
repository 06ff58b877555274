namespace Gossipdb.Simulation.Measuring;

public sealed class ScaleTests
{
    [Fact]
    public void A_node_pays_for_what_it_holds_and_not_for_the_size_of_the_cluster()
    {
        var (small, large) = (Scale.Measure(3, 24), Scale.Measure(12, 24));
        Assert.InRange(large.GossipBytes / small.GossipBytes, 0.2, 0.3);
        Assert.InRange(large.Rounds / small.Rounds, 0.8, 1.25);
        Assert.InRange(small.MostRounds, 0, 3);
        Assert.InRange(large.KeysMoved / large.KeysExpected, 0.8, 1.2);
    }
}
