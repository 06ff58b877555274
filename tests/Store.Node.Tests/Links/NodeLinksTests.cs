using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Links;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Links;

/// <summary>Links and data ports of whole nodes, over the loopback.</summary>
public sealed class NodeLinksTests : IAsyncLifetime
{
    private static readonly (NodeId One, NodeId Two) Ids = (new(1), new(2));
    private static readonly AckMessage Ack = new(new ReplicaId(5), new ReplicaId(6), 7, 8);
    private readonly List<Ends> _nodes = [];
    private Ends _one = null!;
    private Ends _two = null!;

    public async Task InitializeAsync() => (_one, _two) = (await StartAsync(1), await StartAsync(2));

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }

    [Fact]
    public async Task Links_find_each_other_where_the_lower_number_knows_the_port_and_carry_messages_both_ways()
    {
        // Nobody has told node 2 a port: it is called.
        await ConnectAsync();

        _one.Link.Send(3, Ack);
        _two.Link.Send(1, Ack);

        await Poll.UntilAsync(() => Task.FromResult(_one.Taker.Delivered.Count + _two.Taker.Delivered.Count == 2), "both have arrived");
        Assert.Equal([(3, Ids.One, Ack)], _two.Taker.Delivered);
        Assert.Equal([(1, Ids.Two, Ack)], _one.Taker.Delivered);
    }

    [Fact]
    public async Task A_connection_that_is_lost_is_made_again()
    {
        await ConnectAsync();

        _two.Link.HangUp("for a test");

        await StatesAsync(_one, reachable: [true, false, true]);
        await StatesAsync(_two, reachable: [true, false, true]);
        _one.Link.Send(3, Ack);
        await Poll.UntilAsync(() => Task.FromResult(_two.Taker.Delivered.Count == 1), "the message has arrived");
    }

    [Fact]
    public async Task A_node_that_stops_hangs_up_and_is_called_at_its_next_port()
    {
        await ConnectAsync();

        await _two.DisposeAsync();
        await StatesAsync(_one, reachable: [true, false]);
        _two = await StartAsync(2);
        await ConnectAsync();
    }

    [Fact]
    public async Task A_caller_that_stops_ends_its_calls()
    {
        await ConnectAsync();

        await _one.DisposeAsync();

        await StatesAsync(_two, reachable: [true, false]);
        await Poll.UntilAsync(() => Task.FromResult(!_one.Link.IsConnected && !_two.Link.IsConnected), "no connection is left");
    }

    [Fact]
    public async Task A_link_that_is_cut_carries_nothing_either_way_until_it_is_healed()
    {
        await ConnectAsync();

        _two.Node.Faults.Set(Faults(new(Ids.Two, Ids.One) { Cut = true }, new(Ids.One, Ids.Two) { Cut = true }));
        await StatesAsync(_one, reachable: [true, false]);
        await StatesAsync(_two, reachable: [true, false]);
        Assert.True(_two.Node.Links.MayBeCut(Ids.One));

        _two.Node.Faults.Set(FaultSet.None);
        await ReachAsync();
        Assert.True(_one.Link.IsConnected && !_two.Node.Links.MayBeCut(Ids.One));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_link_that_is_cut_one_way_carries_the_other_way_and_neither_is_within_reach(bool isSenderTold, bool isReceiverTold)
    {
        await ConnectAsync();
        var faults = Faults(new LinkFault(Ids.One, Ids.Two) { Cut = true });
        var before = _two.Link.Status().BytesReceived;

        if (isSenderTold) _one.Node.Faults.Set(faults);
        if (isReceiverTold) _two.Node.Faults.Set(faults);

        // Node 2 hears nothing and says so, and node 1 hears that.
        await StatesAsync(_two, reachable: [true, false]);
        await StatesAsync(_one, reachable: [true, false]);
        var (heardByOne, heardByTwo) = (_one.Link.Status().BytesReceived, _two.Link.Status().BytesReceived);
        await Poll.UntilAsync(
            () => Task.FromResult(_one.Link.Status().BytesReceived > heardByOne + before), "node 1 goes on hearing node 2");
        Assert.Equal(heardByTwo, _two.Link.Status().BytesReceived);

        (isSenderTold ? _one : _two).Node.Faults.Set(FaultSet.None);
        await ReachAsync();
    }

    [Fact]
    public async Task No_connection_comes_about_through_a_cut_of_either_way_and_one_does_once_it_is_healed()
    {
        foreach (var cut in (LinkFault[])[new(Ids.One, Ids.Two) { Cut = true }, new(Ids.Two, Ids.One) { Cut = true }])
        {
            foreach (var told in (Ends[])[_one, _two])
            {
                told.Node.Faults.Set(Faults(cut));
                await Assert.ThrowsAnyAsync<IOException>(async () =>
                {
                    await using var connection = await _one.Node.Port.DialAsync(
                        Ids.Two, "127.0.0.1", _two.Node.Port.Port, CancellationToken.None);

                    // The caller knows of no cut. It is hung up on.
                    await connection.ReadAsync(static _ => { });
                    throw new IOException();
                });
                Assert.False(_two.Link.IsConnected);
                told.Node.Faults.Set(FaultSet.None);
            }
        }

        await ConnectAsync();
    }

    [Fact]
    public async Task What_goes_over_a_delayed_link_arrives_so_much_later_and_in_its_order()
    {
        var delay = TimeSpan.FromMilliseconds(150);
        await ConnectAsync();
        _one.Node.Faults.Set(Faults(new LinkFault(Ids.One, Ids.Two) { Delay = delay, Jitter = delay / 3 }));

        var began = Stopwatch.GetTimestamp();
        for (var i = 1; i <= 50; i++) _one.Link.Send(3, Ack with { Applied = i });
        await Poll.UntilAsync(() => Task.FromResult(_two.Taker.Delivered.Count == 50), "all have arrived");

        Assert.True(Stopwatch.GetElapsedTime(began) >= delay - (delay / 3));
        Assert.Equal(Enumerable.Range(1, 50), _two.Taker.Delivered.Select(static one => (int)((AckMessage)one.Message).Applied));
        await Poll.UntilAsync(() => Task.FromResult(_one.Link.Status().DelayedBytes > 0), "heartbeats are under way, and status says so");
        Assert.Equal(64 << 20, _one.Link.Status().MaxDelayedBytes);

        // Mended, it has nothing left that comes later.
        _one.Node.Faults.Set(FaultSet.None);
        await Poll.UntilAsync(() => Task.FromResult(_one.Link.Status().DelayedBytes == 0), "nothing is under way");
        Assert.Equal(0, _two.Link.Status().DelayedBytes);
    }

    [Fact]
    public async Task What_was_cut_before_there_was_a_link_is_cut()
    {
        var node = new TestNode(TestSettings.OfTwo(1, "gossipdb.lab.fault-injection = on"));
        node.Faults.Set(Faults(new LinkFault(Ids.Two, Ids.One) { Cut = true }));
        node.Links.Begin(new LinkTaker().Of(node));

        Assert.True(node.Links.MayBeCut(Ids.Two));
        await node.Links.DisposeAsync();
    }

    [Fact]
    public async Task There_is_one_link_to_each_other_node_whose_address_is_known()
    {
        var node = new TestNode(TestSettings.OfTwo(1));
        node.Links.Open(Ids.Two);
        Assert.Empty(node.Links.Nodes);
        node.Links.Begin(new LinkTaker().Of(node));
        var link = node.Links[Ids.Two];
        node.Links.Open(Ids.Two);
        node.Links.Open(Ids.One);
        node.Links.Open(new NodeId(3));
        Assert.Equal([Ids.Two], node.Links.Nodes);
        Assert.Same(link, node.Links[Ids.Two]);

        node.Addresses.Learn(Layout.Found(4, 2, [new Member(new NodeId(3), "127.0.0.1", 1, "http://127.0.0.1:1")]));
        node.Links.Open(new NodeId(3));
        Assert.True(node.Links.TryFind(new NodeId(3), out var third));
        Assert.Equal(new NodeId(3), third.Remote);
        await node.Links.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_not_welcome_is_hung_up_on()
    {
        // For another node; a node that is to be called, not to call; the node itself; nobody that makes sense.
        foreach (var hello in new[] { new Hello(Ids.One, new NodeId(7)), new Hello(new NodeId(3), Ids.Two), new Hello(Ids.Two, Ids.Two) })
            await HungUpOnAsync(MemoryConnection.Framed(hello.Encode()));
        await HungUpOnAsync([.. "GET / HTTP/1.1\r\n\r\n"u8]);
        await HungUpOnAsync(MemoryConnection.Framed(new byte[Hello.MaxBytes]));
        await HungUpOnAsync(MemoryConnection.Framed(new byte[Hello.MaxBytes + 1]));
        Assert.Empty(_two.Taker.States);

        // The port goes on.
        await ConnectAsync();
    }

    [Fact]
    public async Task A_node_that_was_declared_lost_is_hung_up_on_and_not_called()
    {
        await ConnectAsync();
        _one.Taker.Lost[Ids.Two] = true;
        _two.Taker.Lost[Ids.One] = true;

        _two.Node.Links.HangUp(Ids.One);
        await Poll.UntilAsync(() => Task.FromResult(!_one.Link.IsConnected && !_two.Link.IsConnected), "no connection is left");
        await HungUpOnAsync(MemoryConnection.Framed(new Hello(Ids.One, Ids.Two).Encode()));
        Assert.False(_two.Link.IsConnected);

        _one.Taker.Lost.Clear();
        _two.Taker.Lost.Clear();
        await ReachAsync();
    }

    [Fact]
    public async Task Who_sends_nonsense_behind_a_hello_is_hung_up_on()
    {
        await HungUpOnAsync([.. MemoryConnection.Framed(new Hello(Ids.One, Ids.Two).Encode()), 0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.False(_two.Link.IsConnected);
    }

    [Fact]
    public async Task Who_says_nothing_is_hung_up_on() => await HungUpOnAsync([4, 0]);

    private static FaultSet Faults(params LinkFault[] links) => new(links, [], []);

    private async Task ConnectAsync()
    {
        _one.Node.Addresses.LearnDataPort(Ids.Two, _two.Node.Port.Port, 0);
        await ReachAsync();
    }

    private Task ReachAsync() => Poll.UntilAsync(
        () => Task.FromResult(_one.Link.Status().Reachable && _two.Link.Status().Reachable), "both are within reach of each other");

    private static Task StatesAsync(Ends of, bool[] reachable) => Poll.UntilAsync(
        () => Task.FromResult(of.Taker.States.Select(static state => state.Reachable).SequenceEqual(reachable)),
        $"it went within reach and out of it: {string.Join(", ", reachable)}");

    // What node 2 makes of a caller that sends these bytes.
    private async Task HungUpOnAsync(byte[] bytes)
    {
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, _two.Node.Port.Port);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await caller.GetStream().WriteAsync(bytes, patience.Token);
            var buffer = new byte[4_096];
            while (await caller.GetStream().ReadAsync(buffer, patience.Token) > 0)
            {
                // Heartbeats, where it was a link for a moment.
            }
        }
        catch (IOException)
        {
            // So it may end, too.
        }
    }

    private async Task<Ends> StartAsync(int id)
    {
        var node = new Ends(id);
        _nodes.Add(node);
        node.Node.Port.Start(node.Node.Connections.ServeAsync);
        node.Node.Links.Begin(node.Taker.Of(node.Node));
        return node;
    }

    private sealed class Ends(int id) : IAsyncDisposable
    {
        private bool _isDisposed;

        public TestNode Node { get; } = new(TestSettings.OfTwo(
            id,
            "gossipdb.links.heartbeat-interval = 20ms\ngossipdb.links.unreachable-after = 2s\ngossipdb.lab.fault-injection = on"));

        public LinkTaker Taker { get; } = new();

        public PeerLink Link => Node.Links[new NodeId(3 - id)];

        public async ValueTask DisposeAsync()
        {
            if (_isDisposed) return;
            _isDisposed = true;
            await Node.Links.DisposeAsync();
            await Node.Port.DisposeAsync();
        }
    }
}
