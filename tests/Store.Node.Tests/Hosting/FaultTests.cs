using System.Diagnostics;
using Akka.Cluster;
using Gossipdb.Client;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Faults that two whole nodes are told, and what comes of each. They show each other nothing: no secret, no TLS.</summary>
public sealed class FaultTests(FaultTests.Pair pair) : IClassFixture<FaultTests.Pair>, IAsyncLifetime
{
    private readonly RunningNode _one = pair.One;
    private readonly RunningNode _two = pair.Two;
    private GossipdbClient _client = null!;

    // Calls stay at node 1: it is in the way of whatever is wrong.
    public async Task InitializeAsync()
    {
        await ReachAsync(true);
        var options = _one.Options;
        options.Discover = false;
        _client = await GossipdbClient.ConnectAsync(options);
    }

    public async Task DisposeAsync()
    {
        await TellAsync(FaultSet.None);
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task What_two_nodes_need_of_each_other_takes_as_long_as_their_link_and_their_disks_do()
    {
        var key = _client.Counter("timed");
        await key.IncrementAsync(1, Write.All);

        var (there, back) = (TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(80));
        await TellAsync(new() { Links = [new(1, 2) { Delay = there }, new(2, 1) { Delay = back }] });
        Assert.True(await TimeOfAsync(() => key.IncrementAsync(1, Write.All)) >= there + back);
        Assert.True((await _one.Admin.StatusAsync()).Peers.Single().MaxDelayedBytes == 64 << 20);

        // A second for so many bytes, and for what goes with them.
        await TellAsync(new() { Links = [new(1, 2) { BytesPerSecond = 4_096 }] });
        var large = _client.Register("large");
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
        var counter = _client.Counter($"cut {isOneWay}");
        LinkFault[] cuts = [new(1, 2) { Cut = true }, new(2, 1) { Cut = true }];
        var told = await TellAsync(new() { Links = isOneWay ? cuts[..1] : cuts });
        Assert.Equal(isOneWay ? 1 : 2, told.Links.Count);

        await ReachAsync(false);
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => counter.IncrementAsync(1, Write.All));
        Assert.NotEmpty(refused.Message);
        await counter.IncrementAsync(1, Write.One);
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
        Assert.Equal(1, await counter.GetAsync(Read.All));
    }

    [Fact]
    public async Task A_disk_without_room_makes_no_write_durable_until_it_has_some_and_loses_nothing()
    {
        var counter = _client.Counter("full");
        await counter.IncrementAsync(1, Write.All);

        await TellAsync(new() { Disks = [new(1) { Full = true }] });
        await Assert.ThrowsAsync<IndeterminateException>(
            () => counter.IncrementAsync(1, Write.All with { Timeout = TimeSpan.FromSeconds(1) }));
        var status = await _one.Admin.StatusAsync();
        Assert.Contains(
            "no write becomes durable: there is no room for " + _one.Journal, status.Trouble, StringComparison.Ordinal);
        Assert.Contains("as an experiment has it", status.Trouble, StringComparison.Ordinal);

        // The other node's disk has room.
        Assert.Equal([2], (await counter.IncrementAsync(1, Write.One)).Nodes);

        await TellAsync(FaultSet.None);
        await counter.IncrementAsync(1, Write.All);
        await Poll.UntilAsync(async () => (await _one.Admin.StatusAsync()).Trouble.Length == 0, "the journal has taken what waited");
        Assert.Equal(4, await counter.GetAsync(Read.All));
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

    /// <summary>The two nodes.</summary>
    public sealed class Pair : IAsyncLifetime
    {
        // A link that takes a second for a value takes heartbeats no sooner: a node is not given up for that.
        private const string Settings = """
            gossipdb.lab.fault-injection = on
            gossipdb.links.heartbeat-interval = 50ms
            gossipdb.links.unreachable-after = 3s
            akka.cluster.failure-detector.heartbeat-interval = 200ms
            akka.cluster.failure-detector.acceptable-heartbeat-pause = 1s
            """;

        private readonly TemporaryDirectory _directory = new();

        internal RunningNode One { get; private set; } = null!;

        internal RunningNode Two { get; private set; } = null!;

        public async Task InitializeAsync() => (One, Two) = await RunningNode.StartTwoAsync(_directory.Path, static _ => Settings);

        public async Task DisposeAsync()
        {
            await One.DisposeAsync();
            await Two.DisposeAsync();
            _directory.Dispose();
        }
    }
}
