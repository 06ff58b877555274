namespace Gossipdb.LocalCluster.Tests;

public sealed class RestoredCutsTests
{
    [Fact]
    public void A_restarted_node_gets_the_cuts_the_others_hold_towards_it() =>
        Assert.Equal([2, 3], GossipdbCluster.MirrorOf(1, [(1, [2]), (3, [1]), (2, [1, 4]), (4, [2])]));
}
