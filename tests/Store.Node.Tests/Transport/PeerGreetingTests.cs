using Gossipdb.Node.Security;
using Gossipdb.Node.Tests.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Transport;

/// <summary>Two nodes that come to talk at the data port, or do not, and what each says of the other.</summary>
public sealed class PeerGreetingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Who_knows_the_secret_as_well_is_listened_to(bool caller, bool called)
    {
        var guards = new Guards(_directory.Path);
        var heard = new TaskCompletionSource<Hello>(TaskCreationOptions.RunContinuationsAsynchronously);
        var node = new TestNode(TestSettings.OfTwo(2, called ? guards.BySecret(2) : ""));
        node.Port.Start((hello, _) =>
        {
            heard.TrySetResult(hello);
            return Task.CompletedTask;
        });

        await using var connection = await CallAsync(new TestNode(TestSettings.OfTwo(1, caller ? guards.BySecret(1) : "")), node);

        Assert.Equal((One, Two), ((await heard.Task.WaitAsync(Patience)).Caller!.Value, (await heard.Task).Called));
        Assert.Equal(0, node.Refusals.Count);
        await node.Port.DisposeAsync();
    }

    [Theory]
    [InlineData("other", "node 2: gossipdb.cluster.secret-file is not the same on both nodes", "does not know the cluster's secret")]
    [InlineData("none there", "node 2: gossipdb.cluster.secret-file is set here, and not there", "is set there, and not here")]
    [InlineData("lost", "node 2: node 1 was declared lost", "node 1 was declared lost")]
    public async Task Who_is_refused_hears_why_and_the_node_says_so_too(string what, string told, string said)
    {
        var guards = new Guards(_directory.Path);
        var node = new TestNode(TestSettings.OfTwo(2, what == "none there" ? "" : guards.BySecret(2)));
        if (what == "lost") node.Roll.WhyNot = static one => one == One ? "node 1 was declared lost" : null;
        node.Port.Start(static (_, _) => throw new InvalidOperationException("nobody is served"));
        var caller = new TestNode(TestSettings.OfTwo(1, what == "other" ? guards.ByOtherSecret(1) : guards.BySecret(1)));

        var refused = await Assert.ThrowsAsync<PeerRefusedException>(() => CallAsync(caller, node));

        Assert.Equal($"it refuses this node: {told}", refused.Message);
        await Poll.UntilAsync(() => Task.FromResult(node.Refusals.Last?.Contains(said, StringComparison.Ordinal) == true), said);
        Assert.Equal(1, node.Refusals.Count);
        await node.Port.DisposeAsync();
    }

    [Fact]
    public async Task Who_does_not_talk_to_a_node_any_more_does_not_call_it()
    {
        var guards = new Guards(_directory.Path);
        var caller = new TestNode(TestSettings.OfTwo(1, guards.BySecret(1)));
        caller.Roll.WhyNot = static node => $"node {node} was declared lost";
        var node = new TestNode(TestSettings.OfTwo(2, guards.BySecret(2)));
        node.Port.Start(static (_, _) => Task.CompletedTask);

        Assert.Equal("node 2 was declared lost", (await Assert.ThrowsAsync<PeerRefusedException>(() => CallAsync(caller, node))).Message);
        await node.Port.DisposeAsync();
    }

    private static Task<FrameConnection> CallAsync(TestNode caller, TestNode node) =>
        caller.Port.DialAsync(Two, "127.0.0.1", node.Port.Port, new CancellationTokenSource(Patience).Token);
}
