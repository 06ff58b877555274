using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Gossipdb.LocalCluster;
using Gossipdb.Protocol;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gossipdb.Bench.Memory;

/// <summary>The loads that would fill a node's memory. Bare calls, which no client library retries or holds back.</summary>
internal static class MemoryLoads
{
    private const int Readers = 40;
    private const int AskedByEach = 50;
    private const int LargeBytes = 900_000;
    private const int Writers = 64;
    private const int Numbers = 500_000;

    public static IReadOnlyList<MemoryLoad> All { get; } =
    [
        new("slow-readers", $"{Readers} clients ask node 1 {AskedByEach} times each for a value of {LargeBytes:#,0} B and do not read; "
            + "others read it, read and write at node 1", SlowReadersAsync),
        new(
            "slow-disk",
            "every fsync takes 300 ms longer; 32 writers of 100 KB to 100 keys at W=1, durability memory, at node 1; others read there",
            SlowDiskAsync,
            TimeSpan.FromMilliseconds(300)),
        new(
            "large-writes",
            $"{Writers} clients write 1 MB to 100 keys at W=quorum at node 1; others write a few bytes at W=quorum at node 2",
            LargeWritesAsync),
        new("json-arrays", $"4 documents that are arrays of {Numbers:#,0} numbers (1 MB of text) are written again and again at node 1; "
            + "others write a few bytes at node 2", JsonArraysAsync),
    ];

    private static async Task SlowReadersAsync(ProcessCluster cluster, Tally own, Tally others, CancellationToken stop)
    {
        using var channel = Channel(cluster, 1);
        await CallAsync(channel, Assign("large", LargeBytes, LevelOf(Level.Types.Named.All)), own, CancellationToken.None);
        var streams = new List<(GrpcChannel Channel, AsyncDuplexStreamingCall<RequestBatch, ReplyBatch> Call)>();
        for (var i = 0; i < Readers; i++)
        {
            var to = Channel(cluster, 1);
            var stream = new WireClient(to).Stream(cancellationToken: stop);
            streams.Add((to, stream));
            for (var j = 0; j < AskedByEach; j++)
                await stream.RequestStream.WriteAsync(new RequestBatch { Requests = { Read("large", (ulong)j) } }, CancellationToken.None);
        }

        try
        {
            await Task.WhenAll(
                RepeatAsync(cluster, 1, 1, _ => Read("large", 1), others, stop),
                RepeatAsync(cluster, 1, 2, i => Read($"small-{i % 100}", 1), others, stop),
                RepeatAsync(cluster, 1, 2, i => Assign($"small-{i % 100}", 10, LevelOf(Level.Types.Named.Quorum)), others, stop));
        }
        finally
        {
            foreach (var (to, call) in streams)
            {
                call.Dispose();
                to.Dispose();
            }
        }
    }

    private static Task SlowDiskAsync(ProcessCluster cluster, Tally own, Tally others, CancellationToken stop) => Task.WhenAll(
        RepeatAsync(cluster, 1, 32, i =>
        {
            var write = Assign($"key-{i % 100}", 100_000, LevelOf(Level.Types.Named.One));
            write.Durability = Durability.Memory;
            return write;
        }, own, stop),
        RepeatAsync(cluster, 1, 2, i => Read($"key-{i % 100}", 1), others, stop));

    private static Task LargeWritesAsync(ProcessCluster cluster, Tally own, Tally others, CancellationToken stop) => Task.WhenAll(
        RepeatAsync(cluster, 1, Writers, i => Assign($"large-{i % 100}", 1_000_000, LevelOf(Level.Types.Named.Quorum)), own, stop),
        RepeatAsync(cluster, 2, 4, i => Assign($"small-{i % 1_000}", 10, LevelOf(Level.Types.Named.Quorum)), others, stop));

    private static Task JsonArraysAsync(ProcessCluster cluster, Tally own, Tally others, CancellationToken stop)
    {
        var text = new StringBuilder("[1");
        for (var i = 1; i < Numbers; i++) text.Append(",1");
        var document = text.Append(']').ToString();
        return Task.WhenAll(
            RepeatAsync(cluster, 1, 4, i => new Request
            {
                Key = ByteString.CopyFromUtf8($"document-{i % 4}"),
                Level = LevelOf(Level.Types.Named.Quorum),
                TimeoutMs = 30_000,
                Update = new() { JsonSet = new() { Value = document } },
            }, own, stop),
            RepeatAsync(cluster, 2, 4, i => Assign($"small-{i % 1_000}", 10, LevelOf(Level.Types.Named.Quorum)), others, stop));
    }

    // Each worker has a connection of its own, as another client has.
    private static Task RepeatAsync(
        ProcessCluster cluster, int node, int workers, Func<long, Request> next, Tally tally, CancellationToken stop)
    {
        long number = 0;
        return Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            using var channel = Channel(cluster, node);
            while (!stop.IsCancellationRequested)
            {
                var outcome = await CallAsync(channel, next(Interlocked.Increment(ref number)), tally, stop);

                // As a client does that was told to come back later.
                if (outcome == CallOutcome.Refused) await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }));
    }

    private static async Task<CallOutcome> CallAsync(GrpcChannel channel, Request request, Tally tally, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        CallOutcome outcome;
        try
        {
            var reply = await new WireClient(channel).ExecuteAsync(request, cancellationToken: stop);
            outcome = reply.Error?.Code switch
            {
                null => CallOutcome.Done,
                ErrorCode.Overloaded or ErrorCode.Unavailable => CallOutcome.Refused,
                _ => CallOutcome.Failed,
            };
        }
        catch (RpcException) when (stop.IsCancellationRequested)
        {
            return CallOutcome.Failed;
        }
        catch (RpcException)
        {
            outcome = CallOutcome.Failed;
        }

        tally.Note(outcome, Stopwatch.GetElapsedTime(began));
        return outcome;
    }

    private static GrpcChannel Channel(ProcessCluster cluster, int node) => GrpcChannel.ForAddress(
        cluster.Nodes[node - 1].Endpoint,
        new()
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
        });

    private static Level LevelOf(Level.Types.Named named) => new() { Named = named };

    private static Request Assign(string key, int bytes, Level level) => new()
    {
        Key = ByteString.CopyFromUtf8(key),
        Level = level,
        TimeoutMs = 30_000,
        Update = new() { RegisterAssign = new() { Value = ByteString.CopyFrom(new byte[bytes]) } },
    };

    private static Request Read(string key, ulong id) =>
        new() { Id = id, Key = ByteString.CopyFromUtf8(key), Level = LevelOf(Level.Types.Named.One), TimeoutMs = 30_000, Read = new() };
}
