using Gossipdb.Bench.Hostile;
using Gossipdb.Client;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>
/// What somebody sends who wants to do harm: the node serves others meanwhile, holds no more than its limits say, and lets go of it.
/// 'Store.Bench hostile' shows memory and file descriptors under the same.
/// </summary>
public sealed class HostileTests(HostileTests.Target shared) : IClassFixture<HostileTests.Target>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly RunningNode _node = shared.Node;

    public static TheoryData<string> Inputs => [.. HostileInput.All.Select(static input => input.Name)];

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task Others_are_served_and_what_was_taken_is_given_back(string name)
    {
        var input = HostileInput.All.Single(input => input.Name == name);
        var (gate, receiving) = (_node.Part<ConnectionGate>(), _node.Part<Receiving>());
        var (silent, slow) = (gate.Silent, receiving.Slow);
        await ServeAsync(1);
        var before = gate.Open;

        await input.RunAsync(Ports(), async () =>
        {
            switch (name)
            {
                case "idle":
                    // The last of them still wait to be accepted.
                    await Poll.UntilAsync(() => Task.FromResult(gate.Open >= 5_000), "all of them are connected");
                    Assert.InRange(gate.Open, 5_000, 5_000 + before + 2);
                    break;
                case "silent" or "idle-http2":
                    await Poll.UntilAsync(() => Task.FromResult(gate.Silent - silent >= 5_000), "they are hung up on");
                    break;
                case "slow-http":
                    await Poll.UntilAsync(() => Task.FromResult(gate.Open <= before + 2), "they are hung up on");
                    break;
                case "slow-frames":
                    await Poll.UntilAsync(() => Task.FromResult(receiving.Slow - slow >= 200), "they are hung up on");
                    break;
                case "large-frames":
                    // Four have room, and the others wait for it without being read.
                    Assert.InRange(receiving.Bytes, 1, receiving.MaxBytes);
                    break;
            }

            await ServeAsync(20);
        }, CancellationToken.None);

        await Poll.UntilAsync(() => Task.FromResult(gate.Open <= before + 2), "its connections are gone");
        await Poll.UntilAsync(() => Task.FromResult(receiving.Bytes == 0), "the room for its frames is given back");
        await ServeAsync(1);
        Assert.Equal(200, (await _node.HealthAsync("ready")).Status);
    }

    [Fact]
    public async Task One_address_has_so_many_connections_and_status_says_how_many_were_not_let_in()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.limits.connections-per-address = 20");
        await (await node.ClientAsync()).Counter("c").IncrementAsync();
        Assert.InRange((await node.Admin.StatusAsync()).Doors.Connections, 1, 19);
        using var first = await FramesClient.ConnectAsync(node);
        await first.PingAsync();
        Assert.NotNull(await first.NextAsync());
        var others = new List<FramesClient>();
        for (var i = 0; i < 29; i++) others.Add(await FramesClient.ConnectAsync(node));

        // Which of those that come at once are let in is not determined. They ask nothing: only who is hung up on hears of it.
        Assert.Null(await await Task.WhenAny(others.Select(static client => client.NextAsync())));
        await Poll.UntilAsync(
            async () => (await node.Admin.StatusAsync()).Doors.RefusedOfAddress >= 10, "all have been let in or hung up on");

        var doors = (await node.Admin.StatusAsync()).Doors;

        Assert.Equal((20, 20), (doors.Connections, doors.MaxOfAddress));
        Assert.InRange(doors.RefusedOfAddress, 10, 30);
        await (await node.ClientAsync()).Counter("c").IncrementAsync();
        foreach (var client in others) client.Dispose();
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_so_naming_the_limit()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.limits.requests-per-user = 50");
        using var client = await FramesClient.ConnectAsync(node);

        await client.SendAsync([.. Enumerable.Range(1, 200).Select(static i => new Protocol.Request
        {
            Id = (ulong)i,
            Key = Google.Protobuf.ByteString.CopyFromUtf8("k"),
            Read = new(),
        })]);
        var replies = await client.RepliesAsync(200);

        var refused = replies.Values.Where(static reply => reply.Error?.Code == Protocol.ErrorCode.Overloaded).ToList();
        Assert.InRange(refused.Count, 100, 150);
        foreach (var reply in refused) Assert.Contains("gossipdb.limits.requests-per-user", reply.Error.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Count, (await node.Admin.StatusAsync()).Doors.RefusedRequests);
    }

    [Fact]
    public async Task What_gzip_makes_of_a_message_is_bounded_and_what_is_small_is_read()
    {
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(_node.Endpoint);
        var headers = new Grpc.Core.Metadata { { "grpc-internal-encoding-request", "gzip" } };
        var client = new WireClient(channel);
        Assert.Equal(1U, (await client.DescribeAsync(new Protocol.DescribeRequest(), headers)).Node);

        var large = new Protocol.Request
        {
            Key = Google.Protobuf.ByteString.CopyFromUtf8("k"),
            Update = new() { RegisterAssign = new() { Value = Google.Protobuf.ByteString.CopyFrom(new byte[17 << 20]) } },
        };
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await client.ExecuteAsync(large, headers));

        Assert.True(
            refused.StatusCode is Grpc.Core.StatusCode.InvalidArgument or Grpc.Core.StatusCode.ResourceExhausted
                or Grpc.Core.StatusCode.Internal,
            $"{refused.Status}");
        Assert.DoesNotContain("Exception", refused.Status.Detail, StringComparison.Ordinal);
    }

    private Ports Ports() => new(
        new Uri(_node.Endpoint).Port,
        _node.Part<Node.Configuration.NodeSettings>().HttpPort,
        _node.Part<DataPort>().Port,
        _node.Part<Node.Configuration.NodeSettings>().PeerPort);

    // An ordinary client that is connected, and one that connects now.
    private async Task ServeAsync(int calls)
    {
        var connected = await _node.ClientAsync();
        await using var newcomer = await GossipdbClient.ConnectAsync(
            new GossipdbOptions { Endpoints = [_node.Endpoint], Timeout = Patience, ConnectTimeout = Patience });
        for (var i = 0; i < calls; i++)
        {
            await connected.Counter("ordinary").IncrementAsync();
            await newcomer.Counter("ordinary").IncrementAsync();
        }
    }

    public sealed class Target : IAsyncLifetime
    {
        private readonly TemporaryDirectory _directory = new();

        internal RunningNode Node { get; private set; } = null!;

        // Shorter than what they are by default, and all from one address.
        public async Task InitializeAsync() => Node = await RunningNode.StartAsync(_directory.Path, """
            gossipdb.limits.connections-per-address = 20000
            gossipdb.limits.handshake-timeout = 5s
            gossipdb.limits.frame-timeout = 3s
            """);

        public async Task DisposeAsync()
        {
            await Node.DisposeAsync();
            _directory.Dispose();
        }
    }
}
