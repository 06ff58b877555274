using System.Text;
using Akka.Actor;
using Akka.Cluster;
using Google.Protobuf;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Hosting;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Two nodes that share every partition, whose second one is attacked, and how they were before.</summary>
internal sealed class NodePair : IAsyncDisposable
{
    private readonly Dictionary<string, IActorRef> _actors = [];
    private readonly int _deployed = Stranger.Deployed;
    private readonly int _made = Stranger.Made;

    private NodePair(RunningNode first, RunningNode second) => (First, Second) = (first, second);

    public RunningNode First { get; }

    public RunningNode Second { get; }

    /// <summary>Two nodes that are ready and hear each other.</summary>
    public static async Task<NodePair> StartAsync(string directory, Func<int, string>? moreOf = null, string scheme = "http")
    {
        var (first, second) = await RunningNode.StartTwoAsync(directory, moreOf, scheme);
        var pair = new NodePair(first, second);
        await WriteAsync(first);
        foreach (var path in Stranger.Everywhere)
            if (await pair.FindAsync(path) is { } actor) pair._actors[path] = actor;
        Assert.True(pair._actors.Count > 10, string.Join(' ', pair._actors.Keys));
        return pair;
    }

    /// <summary>Both are as they were: ready, of one mind, with every actor alive, and they serve.</summary>
    public async Task AssertUnharmedAsync(string attack)
    {
        foreach (var node in (RunningNode[])[First, Second])
        {
            var health = node.Part<NodeHealth>();
            Assert.True(health.IsReady, $"{attack}: {health.Trouble}");
            Assert.Equal((1L, 2), (node.Partitions.Layout.Version, node.Partitions.Layout.Nodes.Count));
            Assert.True(RunningNode.Members(node) == 2 && Cluster.Get(node.Actors).State.Members.Count == 2, attack);
        }

        foreach (var (path, before) in _actors)
        {
            var now = await FindAsync(path);
            Assert.True(before.Equals(now), $"{attack}: {path} is {now?.ToString() ?? "gone"}");
        }

        Assert.True(Stranger.Deployed == _deployed, $"{attack}: a stranger's actor runs");
        Assert.True(Stranger.Made == _made, $"{attack}: a type that a message named was made");
        await WriteAsync(Second);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }

    // Every partition takes a write, with the acks of both.
    private static async Task WriteAsync(RunningNode node)
    {
        for (var partition = 0; partition < node.Partitions.Count; partition++)
        {
            var reply = await Sink.CallAsync(node.Gateway, new Request
            {
                Key = ByteString.CopyFromUtf8(KeyOf(partition)),
                Update = new() { CounterIncrement = new() { Amount = 1 } },
                Level = new() { Named = Level.Types.Named.All },
                TimeoutMs = 20_000,
            });
            Assert.True(reply.OutcomeCase != Reply.OutcomeOneofCase.Error, $"{reply}");
        }
    }

    /// <summary>What the second node has of a counter; null where it has none.</summary>
    public async Task<Value?> ReadAsync(ByteString key)
    {
        var reply = await Sink.CallAsync(
            Second.Gateway, new Request { Key = key, Read = new(), Level = new() { Named = Level.Types.Named.One }, TimeoutMs = 20_000 });
        Assert.True(reply.OutcomeCase == Reply.OutcomeOneofCase.Value, $"{reply}");
        return reply.Value.ValueCase == Value.ValueOneofCase.None ? null : reply.Value;
    }

    private static string KeyOf(int partition) => Enumerable.Range(0, 1_000).Select(static i => $"k{i}")
        .First(key => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(key), 4) == partition);

    /// <summary>Takes the answer to a call that is made in this process.</summary>
    private sealed class Sink : IReplySink
    {
        private readonly TaskCompletionSource<Reply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public static Task<Reply> CallAsync(Gateway gateway, Request request)
        {
            var sink = new Sink();
            using (Turn.Begin()) gateway.Serve(request, sink);
            return sink._reply.Task;
        }

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public void Complete(ServerCall call, Reply reply) => _reply.TrySetResult(reply);
    }

    private async Task<IActorRef?> FindAsync(string path)
    {
        try
        {
            return (await Second.Actors.ActorSelection(path).Ask<ActorIdentity>(new Identify(path), TimeSpan.FromSeconds(20))).Subject;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
