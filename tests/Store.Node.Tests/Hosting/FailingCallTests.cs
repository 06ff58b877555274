using Gossipdb.Crdt;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Calls that fail in a way nobody foresaw, on a whole node: no query of death.</summary>
public sealed class FailingCallTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_node_outlives_calls_that_fail_in_a_way_nobody_foresaw_and_tells_of_them_once()
    {
        var client = await _node.ClientAsync();
        await client.Set("k").AddAsync("before");
        var sink = new Sink();

        for (var i = 0; i < 50; i++)
        {
            Tell(new NodeRequests.Write
            {
                Call = Call(sink),
                Key = Bytes.FromText("k"),
                Required = 1,
                DeadlineMs = long.MaxValue,
                Operation = new SetAdd(new Missing<Bytes>()),
            });
            Tell(new NodeRequests.Read
            {
                Call = Call(sink),
                Key = Bytes.FromText("k"),
                Required = 1,
                DeadlineMs = long.MaxValue,
                Part = null,
            });
        }

        await Poll.UntilAsync(() => Task.FromResult(sink.Count == 100), TimeSpan.FromSeconds(30), "all are answered");
        Assert.All(sink.Replies, static reply => Assert.Equal(Protocol.ErrorCode.Internal, reply.Error.Code));
        await client.Set("k").AddAsync("after");
        Assert.Equal(["after", "before"], (await client.Set("k").GetAsync()).Order());
        Assert.Equal(200, (await _node.HealthAsync("ready")).Status);
        var log = _node.ReadLog();
        Assert.Equal(2, log.Split("nobody foresaw").Length - 1);
        Assert.Contains("a SetAdd of a Set failed", log, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing here", log, StringComparison.Ordinal);
    }

    private void Tell(ClientRequest request) => _node.Partitions.Find(Partitioner.PartitionOf("k"u8, 4))!.Handle(request);

    private ServerCall Call(Sink sink) => new(_node.Gateway, sink, new Protocol.Request { Id = 1 }, mayForward: false, 0);

    private sealed class Missing<T> : IReadOnlyList<T>
    {
        public int Count => 1;

        public T this[int index] => throw new InvalidOperationException("nothing here");

        public IEnumerator<T> GetEnumerator() => throw new InvalidOperationException("nothing here");

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Sink : IReplySink
    {
        private readonly List<Protocol.Reply> _replies = [];

        public int Count
        {
            get
            {
                lock (_replies) return _replies.Count;
            }
        }

        public IReadOnlyList<Protocol.Reply> Replies
        {
            get
            {
                lock (_replies) return [.. _replies];
            }
        }

        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public void Complete(ServerCall call, Protocol.Reply reply)
        {
            lock (_replies) _replies.Add(reply);
        }
    }
}
