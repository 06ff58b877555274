using Gossipdb.Client;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class ValueTests
{
    [Fact]
    public async Task Everything_acked_is_there_after_a_restart_on_the_same_directory()
    {
        using var directory = new TemporaryDirectory();
        int before;
        await using (var node = await RunningNode.StartAsync(directory.Path))
        {
            var client = await node.ClientAsync();
            await WriteAsync(client);
            await AssertValuesAsync(client);
            before = (int)(await node.Admin.StatusAsync()).Journal.Events;
            Assert.Equal(0, await node.StopAsync());
        }

        await using (var node = await RunningNode.StartAsync(directory.Path))
        {
            var client = await node.ClientAsync();
            Assert.Equal(before, (await node.Admin.StatusAsync()).Journal.Events);
            await AssertValuesAsync(client);

            // The new life counts on from what the old one left.
            await client.Counter("counter").IncrementAsync();
            Assert.Equal(42, await client.Counter("counter").GetAsync());
        }
    }

    private static async Task WriteAsync(GossipdbClient client)
    {
        await client.Counter("counter").IncrementAsync(44);
        await client.Counter("counter").DecrementAsync(3);
        await client.Counter("reset").IncrementAsync(5);
        await client.Counter("reset").ResetAsync();
        await client.Set("set").AddAsync(["a", "b", "c"]);
        await client.Set("set").RemoveAsync("b");
        await client.Set("cleared").AddAsync("a");
        await client.Set("cleared").ClearAsync();
        await client.Register("register").SetAsync("first");
        await client.Register("register").SetAsync("last");
        await client.MultiRegister("siblings").SetAsync("one");
        await client.Flag("on").EnableAsync();
        await client.Flag("off").EnableAsync();
        await client.Flag("off").DisableAsync();
        await client.Map("map").UpdateAsync(map =>
            map.Increment("n", 2).Add("s", "x", "y").SetRegister("r", "v").Enable("f").Map("m", inner => inner.Increment("deep")));
        await client.Map("map").RemoveAsync("f");
        await client.Register("deleted").SetAsync("gone");
        await client.DeleteAsync("deleted");
    }

    private static async Task AssertValuesAsync(GossipdbClient client)
    {
        Assert.Equal(41, await client.Counter("counter").GetAsync());
        Assert.Equal(0, await client.Counter("reset").GetAsync());
        Assert.Equal(["a", "c"], await client.Set("set").GetAsync());
        Assert.True(await client.Set("set").ContainsAsync("c"));
        Assert.False(await client.Set("set").ContainsAsync("b"));
        Assert.Empty(await client.Set("cleared").GetAsync());
        Assert.Equal("last", await client.Register("register").GetAsync());
        Assert.Equal(["one"], await client.MultiRegister("siblings").GetAsync());
        Assert.True(await client.Flag("on").GetAsync());
        Assert.False(await client.Flag("off").GetAsync());
        var map = await client.Map("map").GetAsync();
        Assert.Equal((2, "v", false, 1), (map.Counter("n"), map.Register("r"), map.Flag("f"), map.Map("m").Counter("deep")));
        Assert.Equal(["x", "y"], map.Set("s"));
        Assert.Null(await client.GetAsync("deleted"));
        Assert.Null(await client.GetAsync("never written"));
    }
}
