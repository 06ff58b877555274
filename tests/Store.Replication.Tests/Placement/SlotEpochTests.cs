using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Tests.Placement;

public sealed class SlotEpochTests
{
    [Fact]
    public void Hand_overs_by_a_lost_holder_stay_below_the_epoch_it_is_taken_by_force_under()
    {
        var forced = SlotEpoch.NextForced(1);
        Assert.True(forced > 1 + 1_000_000);
        Assert.True(SlotEpoch.NextForced(forced) > forced + 1_000_000);
        Assert.Equal(SlotEpoch.NextForced(forced), SlotEpoch.NextForced(forced + 5));
    }

    [Fact]
    public void An_epoch_says_whether_it_began_by_force()
    {
        var forced = SlotEpoch.NextForced(7);
        Assert.True(SlotEpoch.IsForced(forced));
        Assert.False(SlotEpoch.IsForced(forced + 1));
        Assert.False(SlotEpoch.IsForced(1));
        Assert.False(SlotEpoch.IsForced(0));
    }
}
