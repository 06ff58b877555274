using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

[Collection(RealProcesses.Name)]
public sealed class SloppyTests
{
    private const int Keys = 60;

    [Fact]
    public async Task Both_sides_write_with_stand_ins_and_nothing_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 5);
        var owners = (await cluster.StatusAsync(1)).Cluster.Owners;
        await cluster.UntilStandInsAreReadyAsync();
        await cluster.CutAsync([1, 2], [3, 4, 5]);
        await using var small = await cluster.ConnectOnlyAsync(1, 2);
        await using var large = await cluster.ConnectOnlyAsync(3, 4, 5);
        var expected = new Dictionary<string, List<string>>();
        var (stoodIn, alone) = (0, 0);
        for (var i = 0; i < Keys; i++)
        {
            var key = $"key-{i}";
            expected.Add(key, []);
            foreach (var (client, name, side) in new[] { (small, "small", new[] { 1, 2 }), (large, "large", [3, 4, 5]) })
            {
                var receipt = await client.Set(key).AddAsync(name, Write.Quorum.Sloppy);
                var present = owners[receipt.Partition].Intersect(side).Count();
                Assert.True(receipt.Nodes.Count + receipt.StandIns.Count >= 2, receipt.ToString());
                Assert.True(
                    receipt.StandIns.Count <= 3 - present && !receipt.StandIns.Intersect(owners[receipt.Partition]).Any(),
                    receipt.ToString());
                expected[key].Add(name);
                if (present >= 2) continue;
                stoodIn++;
                if (present == 0) alone++;
                Assert.Equal(present, receipt.Nodes.Count);
                await Assert.ThrowsAsync<UnavailableException>(() => client.Set(key).AddAsync("strict", Write.Quorum));
                Assert.Equal([name], await client.Set(key).GetAsync(Read.Quorum.Sloppy));
            }
        }

        Assert.True(stoodIn > Keys / 4, $"a stand-in counted for {stoodIn} of {Keys} keys");
        Assert.True(alone > 0, "no partition was without an owner on one side: nothing tested a stand-in on its own");

        // What is held outlives the process that holds it.
        foreach (var node in new[] { 2, 4 })
        {
            await cluster.Local.KillAsync(node);
            await cluster.Local.RestartAsync(node);
        }

        await cluster.HealAsync();
        await cluster.UntilConvergedAsync();
        await using var everywhere = await cluster.ConnectAsync();
        foreach (var (key, elements) in expected)
            Assert.Equal(elements.Order(StringComparer.Ordinal), await everywhere.Set(key).GetAsync(Read.All));
    }
}
