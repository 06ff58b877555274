using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What a node says of the keys that clients ask for most.</summary>
public sealed class HotKeyTests
{
    [Fact]
    public async Task A_key_that_is_asked_for_often_comes_first_with_its_reads_and_writes()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        var client = await node.ClientAsync();
        for (var i = 0; i < 20; i++) await client.Counter("often").IncrementAsync();
        for (var i = 0; i < 5; i++) await client.Counter("often").GetAsync();
        await client.Counter("seldom").IncrementAsync();

        var report = await node.Admin.HotAsync();

        Assert.True(report.IsCounting);
        Assert.Equal([1], report.Nodes);
        Assert.Equal(["often", "seldom"], report.Keys.Select(static key => key.Key.Text));
        var (often, seconds) = (report.Keys[0], report.Window.TotalSeconds);
        Assert.Equal((20, 5), (Math.Round(often.Writes * seconds), Math.Round(often.Reads * seconds)));
        Assert.Equal(often.AtLeast, often.AtMost, 6);
        Assert.Equal(25 / 26.0, often.Share, 6);
        Assert.Equal(0, report.UnlistedAtMost);
        Assert.Equal(1, report.Partitions.Sum(static one => one.Share), 6);
        var first = await node.Admin.HotAsync(keys: 1);
        Assert.Equal("often", Assert.Single(first.Keys).Key.Text);
        Assert.Equal(1, Math.Round(first.UnlistedAtMost * first.Window.TotalSeconds));
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(async () =>
            await new Protocol.Admin.AdminClient(node.Channel).HotAsync(new() { Keys = 1_001 }))).StatusCode);
    }

    [Fact]
    public async Task A_node_that_is_told_not_to_counts_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.hot-keys.enabled = off");
        await (await node.ClientAsync()).Counter("key").IncrementAsync();

        var report = await node.Admin.HotAsync();

        Assert.False(report.IsCounting);
        Assert.Empty(report.Keys);
        Assert.Empty(report.Partitions);
    }
}
