using System.Diagnostics;
using Akka.Cluster;
using Gossipdb.Client;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Faults that two whole nodes are told, and what comes of each. They show each other nothing: no secret, no TLS.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const string Settings = """
        gossipdb.lab.fault-injection = on
        gossipdb.links.heartbeat-interval = 50ms
        gossipdb.links.unreachable-after = 1s
        akka.cluster.failure-detector.heartbeat-interval = 200ms
        akka.cluster.failure-detector.acceptable-heartbeat-pause = 1s
        """;

    private readonly TemporaryDirectory _directory = new();
    private RunningNode _one = null!;
    private RunningNode _two = null!;

    public async Task InitializeAsync() => (_one, _two) = await RunningNode.StartTwoAsync(_directory.Path, static _ => Settings);

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_two_nodes_need_of_each_other_takes_as_long_as_their_link_and_their_disks_do()
    {
        var key = (await _one.ClientAsync()).Counter("k");
        await ReachAsync(true);
        await key.IncrementAsync(1, Write.All);

        var (there, back) = (TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(80));
        await TellAsync(new() { Links = [new(1, 2) { Delay = there }, new(2, 1) { Delay = back }] });
        Assert.True(await TimeOfAsync(() => key.IncrementAsync(1, Write.All)) >= there + back);
        Assert.True((await _one.Admin.StatusAsync()).Peers.Single().MaxDelayedBytes == 64 << 20);

        // Each packet of a kilobyte or so takes 250 ms, one after the other.
        await TellAsync(new() { Links = [new(1, 2) { BytesPerSecond = 4_096 }] });
        var large = (await _one.ClientAsync()).Register("large");
        Assert.True(await TimeOfAsync(() => large.SetAsync(new string('x', 4_096), Write.All)) >= TimeSpan.FromSeconds(1));

        var slow = TimeSpan.FromMilliseconds(300);
        await TellAsync(new() { Disks = [new(2) { Slow = slow }] });
        Assert.True(await TimeOfAsync(() => key.IncrementAsync(1, Write.All)) >= slow);

        await TellAsync(FaultSet.None);
        Assert.Equal(3, await key.GetAsync(Read.All));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_is_one_of_both_ports_and_of_either_direction_and_mends(bool isOneWay)
    {
        await ReachAsync(true);
        var client = await _one.ClientAsync();
        LinkFault[] cuts = [new(1, 2) { Cut = true }, new(2, 1) { Cut = true }];
        var told = await TellAsync(new() { Links = isOneWay ? cuts[..1] : cuts });
        Assert.Equal(isOneWay ? 1 : 2, told.Links.Count);

        await ReachAsync(false);
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => client.Counter("k").IncrementAsync(1, Write.All));
        Assert.NotEmpty(refused.Message);
        await client.Counter("k").IncrementAsync(1, Write.One);
        foreach (var node in (RunningNode[])[_one, _two])
        {
            await Poll.UntilAsync(
                () => Task.FromResult(Cluster.Get(node.Actors).State.Unreachable.Count == 1), "Akka hears nothing, either");
            Assert.Equal([node == _one ? 2 : 1], (await node.Admin.StatusAsync()).Cuts);
        }

        await TellAsync(FaultSet.None);
        await ReachAsync(true);
        await Poll.UntilAsync(
            () => Task.FromResult(Cluster.Get(_one.Actors).State.Unreachable.Count == 0), "Akka hears the other one again");
        Assert.Equal(1, await client.Counter("k").GetAsync(Read.All));
    }

    [Fact]
    public async Task A_disk_without_room_refuses_writes_until_it_has_some_and_loses_nothing()
    {
        var client = await _one.ClientAsync();
        await ReachAsync(true);
        await client.Counter("k").IncrementAsync(1, Write.All);

        await TellAsync(new() { Disks = [new(1) { Full = true }] });
        await Assert.ThrowsAsync<IndeterminateException>(
            () => client.Counter("k").IncrementAsync(1, Write.One with { Timeout = TimeSpan.FromSeconds(1) }));
        await Poll.UntilAsync(async () => (await _one.Admin.StatusAsync()).RefusingWrites, "it refuses writes");
        Assert.Contains("there is no room", (await _one.Admin.StatusAsync()).Trouble, StringComparison.Ordinal);
        await Poll.UntilAsync(
            async () => (await _two.Admin.StatusAsync()).Peers.Single().RefusingWrites, "it says so to the other node");
        await Assert.ThrowsAsync<RefusingWritesException>(() => client.Counter("k").IncrementAsync(1, Write.One));

        await TellAsync(FaultSet.None);
        await Poll.UntilAsync(async () => !(await _one.Admin.StatusAsync()).RefusingWrites, "it takes writes again");
        await client.Counter("k").IncrementAsync(1, Write.All);
        Assert.Equal(3, await client.Counter("k").GetAsync(Read.All));
    }

    [Fact]
    public async Task A_node_says_what_is_in_force_and_refuses_what_makes_no_sense_as_a_whole()
    {
        var told = await TellAsync(new() { Clocks = [new(2) { Offset = TimeSpan.FromMilliseconds(200), Drift = 0.01 }] });
        Assert.Equal(0.01, told.Clocks.Single().Drift);
        await Poll.UntilAsync(
            async () => (await _one.Admin.StatusAsync()).Peers.Single().ClockAhead is { TotalMilliseconds: > 210 },
            "node 1 sees that the clock of node 2 runs away");
        Assert.True((await _one.Admin.FaultsAsync()).Clocks.Single().Offset > TimeSpan.FromMilliseconds(200));
        Assert.Equal(2, (await _two.Admin.StatusAsync()).Faults.Clocks.Single().Node);

        var refused = await Assert.ThrowsAsync<InvalidRequestException>(
            () => _one.Admin.SetFaultsAsync(new() { Disks = [new(1) { Full = true }], Links = [new(1, 7) { Cut = true }] }));
        Assert.Contains("the link from node 1 to node 7: there is no node 7", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<InvalidRequestException>(
            () => _one.Admin.SetFaultsAsync(new() { Links = [new(1, 2) { Cut = true, Every = TimeSpan.FromSeconds(1) }] }));
        Assert.Contains("(every)", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 1), ((await _one.Admin.FaultsAsync()).Disks.Count, (await _one.Admin.FaultsAsync()).Clocks.Count));
    }

    private static async Task<TimeSpan> TimeOfAsync(Func<Task> call)
    {
        var began = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(began);
    }

    private async Task<FaultSet> TellAsync(FaultSet faults)
    {
        await _two.Admin.SetFaultsAsync(faults);
        return await _one.Admin.SetFaultsAsync(faults);
    }

    private Task ReachAsync(bool reachable) => Poll.UntilAsync(
        () => Task.FromResult(IsReachable(_one, 2) == reachable && IsReachable(_two, 1) == reachable),
        $"both are {(reachable ? "within" : "out of")} reach");

    private static bool IsReachable(RunningNode node, int other) =>
        node.Part<NodeLinks>().TryFind(new NodeId(other), out var link) && link.Status().Reachable;
}
