namespace Gossipdb.Simulation.Measuring;

public sealed class ClockCostsTests
{
    [Fact]
    public void Restarts_leave_nothing_behind_in_events_and_gossip()
    {
        var (none, ten) = (ClockCosts.Measure(0), ClockCosts.Measure(10));
        Assert.Equal(30, ten.Retired);
        Assert.Equal(none.WholeEventBytes, none.EventBytes);
        Assert.InRange(ten.EventBytes, none.EventBytes, none.EventBytes + 10);

        // Beside what was told before, the name of the table.
        Assert.InRange(ten.GossipBytes, none.GossipBytes, none.GossipBytes + 20);
        Assert.True(ten.WholeEventBytes > ten.EventBytes + 250);
        Assert.True(ten.WholeGossipBytes > ten.GossipBytes + 250);
    }
}
