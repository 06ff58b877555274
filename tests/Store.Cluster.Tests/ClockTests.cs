using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(RealProcesses.Name)]
public sealed class ClockTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_node_whose_clock_is_an_hour_off_serves_as_any_other_and_removes_nothing(int hours)
    {
        await using var cluster = await TestCluster.StartWithFirstAsync($"gossipdb.lab.clock-offset = {hours}h");
        await cluster.UntilAsync("the node knows that its clock is off", async () =>
            (await cluster.StatusAsync(1)).ClockAhead is { } ahead && Math.Abs((ahead - TimeSpan.FromHours(hours)).TotalSeconds) < 60);
        await using var off = await cluster.ConnectOnlyAsync(1);
        await using var right = await cluster.ConnectOnlyAsync(2);

        for (var i = 0; i < 30; i++)
        {
            // Half an hour: over long ago by a clock that is an hour ahead, and before it begins by one that is behind.
            await right.Set($"cart:{i}").AddAsync("pear", Write.Quorum with { Lifetime = TimeSpan.FromMinutes(30) });
            await off.Set($"cart:{i}").AddAsync("fig", Write.All);
            await off.Counter("carts").IncrementAsync(1, Write.Quorum);
            await off.Set($"page:{i}").AddAsync("seen", Write.All with { Lifetime = TimeSpan.FromMinutes(30) });
        }

        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(["fig", "pear"], (await right.Set($"cart:{i}").GetAsync(Read.Quorum)).Order());
            Assert.Equal(["seen"], await right.Set($"page:{i}").GetAsync(Read.Quorum));
        }

        Assert.Equal(30, await right.Counter("carts").GetAsync(Read.Quorum));
        Assert.Contains("clock", (await cluster.StatusAsync(1)).Trouble, StringComparison.Ordinal);
    }
}
