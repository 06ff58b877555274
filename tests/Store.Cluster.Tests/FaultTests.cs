using System.Diagnostics;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;

namespace Gossipdb.Cluster.Tests;

/// <summary>What each fault of a node does, seen from outside.</summary>
[Collection(SharedCluster.Name)]
public sealed class FaultTests(SharedCluster shared)
{
    [Fact]
    public async Task A_link_that_is_delayed_makes_slower_by_that_much_what_needs_it_and_nothing_else()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectOnlyAsync(1);
        var before = await FastestAsync(client, Write.Two);

        await cluster.Faults.ApplyAsync(FaultCommand.Parse("link 1 / 2,3 --delay 60ms"));
        var (during, alone) = (await FastestAsync(client, Write.Two), await FastestAsync(client, Write.One));

        var twice = TimeSpan.FromMilliseconds(120);
        Assert.True(during >= twice && before < twice && alone < twice, $"{before}, {during}, at one {alone}");
        var (_, status, _) = await Programs.RunAsync(Programs.Gossipdb, "status", "--endpoint", cluster.Local.Nodes[0].Endpoint);
        Assert.Contains("node 2: link 1 / 2 --delay 60ms, for an experiment", status, StringComparison.Ordinal);

        // One way to one node: the other one acks.
        await cluster.Faults.ApplyAsync(FaultCommand.Parse("heal"));
        await cluster.Faults.ApplyAsync(FaultCommand.Parse("link 1 -> 2 --delay 200ms --jitter 50ms"));
        Assert.True(await FastestAsync(client, Write.All) >= TimeSpan.FromMilliseconds(150));
        Assert.True(await FastestAsync(client, Write.Two) < TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public async Task A_link_that_is_cut_one_way_carries_the_other_way_and_its_ends_do_without_each_other()
    {
        var cluster = await shared.WholeAsync();
        await cluster.Faults.ApplyAsync(FaultCommand.Parse("cut 1 -> 2"));

        await cluster.UntilAsync("nodes 1 and 2 miss each other, and nobody else anybody", async () =>
        {
            for (var node = 1; node <= 3; node++)
                foreach (var peer in (await cluster.StatusAsync(node)).Peers)
                    if (peer.Reachable != (node + peer.Node != 3)) return false;
            return true;
        });
        var heard = await ReceivedAsync();
        await cluster.UntilAsync("node 1 goes on hearing node 2", async () => (await ReceivedAsync()).ByOne > heard.ByOne + 1_000);
        Assert.Equal(heard.ByTwo, (await ReceivedAsync()).ByTwo);

        await using var first = await cluster.ConnectOnlyAsync(1);
        await using var second = await cluster.ConnectOnlyAsync(2);
        foreach (var client in (GossipdbClient[])[first, second])
        {
            await client.Counter("one way").IncrementAsync(1, Write.Quorum);
            await Assert.ThrowsAsync<UnavailableException>(() => client.Counter("one way").IncrementAsync(1, Write.All));
        }

        await cluster.HealAsync();
        Assert.Equal(2, await first.Counter("one way").GetAsync(Read.All));

        async Task<(long ByOne, long ByTwo)> ReceivedAsync() => (
            (await cluster.StatusAsync(1)).Peers.Single(static peer => peer.Node == 2).BytesReceived,
            (await cluster.StatusAsync(2)).Peers.Single(static peer => peer.Node == 1).BytesReceived);
    }

    [Fact]
    public async Task A_disk_that_is_full_confirms_nothing_until_it_is_mended_and_a_slow_one_confirms_later()
    {
        var cluster = await shared.WholeAsync();
        await using var client = await cluster.ConnectOnlyAsync(1);
        await cluster.Faults.ApplyAsync(FaultCommand.Parse("disk 2 --full"));

        await Assert.ThrowsAsync<IndeterminateException>(
            () => client.Counter("disk").IncrementAsync(1, Write.All with { Timeout = TimeSpan.FromSeconds(1) }));
        Assert.Equal([1, 3], (await client.Counter("disk").IncrementAsync(1, Write.Quorum)).Nodes.Order());
        Assert.Contains("there is no room", (await cluster.StatusAsync(2)).Trouble, StringComparison.Ordinal);

        await cluster.Faults.ApplyAsync(FaultCommand.Parse("disk 2 ok"));
        Assert.Equal([1, 2, 3], (await client.Counter("disk").IncrementAsync(1, Write.All)).Nodes.Order());
        Assert.Equal("", (await cluster.StatusAsync(2)).Trouble);

        await cluster.Faults.ApplyAsync(FaultCommand.Parse("disk 2 --slow 200ms"));
        Assert.True(await FastestAsync(client, Write.All) >= TimeSpan.FromMilliseconds(200));
        Assert.True(await FastestAsync(client, Write.Two) < TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_and_drifts_shows_in_status_also_once_its_node_was_killed()
    {
        var cluster = await shared.WholeAsync();
        await cluster.Faults.ApplyAsync(FaultCommand.Parse("clock 2 +10s --drift 100ms/s"));

        await AheadAsync(10.2);
        await cluster.Local.KillAsync(2);
        await cluster.Local.RestartAsync(2);
        await AheadAsync(10.5);
        Assert.Contains("this node's clock is ", (await cluster.StatusAsync(2)).Trouble, StringComparison.Ordinal);
        Assert.InRange((await cluster.StatusAsync(1)).ClockAhead!.Value.TotalSeconds, -1, 1);

        await cluster.Faults.ApplyAsync(FaultCommand.Parse("clock 2 right"));
        await cluster.UntilAsync(
            "it is right again",
            async () => (await cluster.StatusAsync(2)).ClockAhead is { } ahead && ahead.Duration() < TimeSpan.FromSeconds(1));

        Task AheadAsync(double seconds) => cluster.UntilAsync(
            $"it is {seconds} s ahead",
            async () => (await cluster.StatusAsync(2)).ClockAhead is { } ahead && ahead >= TimeSpan.FromSeconds(seconds));
    }

    // Of ten writes.
    private static async Task<TimeSpan> FastestAsync(GossipdbClient client, Write level)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await client.Counter($"fault {i}").IncrementAsync(1, level);
            fastest = Stopwatch.GetElapsedTime(began) is var took && took < fastest ? took : fastest;
        }

        return fastest;
    }
}
