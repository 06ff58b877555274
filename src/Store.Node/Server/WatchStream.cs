using System.Threading.Channels;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>
/// One client's watch: of a key or of keys with a prefix, in the partitions it names. Where one of them can go on no longer the stream
/// ends, having said so.
/// </summary>
/// <param name="settings">The node's settings.</param>
/// <param name="health">Told of what fails.</param>
/// <param name="clock">What deadlines are measured by.</param>
/// <param name="partitions">Who is watched.</param>
/// <param name="answers">The room for what is told.</param>
/// <param name="account">The client's connection.</param>
/// <param name="end">Ends the stream: the client does not read.</param>
internal sealed class WatchStream(
    NodeSettings settings,
    NodeHealth health,
    NodeClock clock,
    PartitionDirectory partitions,
    AnswerBudget answers,
    CallerAccount account,
    Action end)
{
    // How long a replica may take to cover a token before another one is to be asked.
    private const int CoverWithinMs = 2_000;
    private const int MostWatches = 20_000;
    private static int _watches;

    public async Task RunAsync(WatchRequest request, IServerStreamWriter<WatchBatch> stream, CancellationToken cancelled)
    {
        Check(request);

        // Each partition has at most one batch under way, and one that ends it.
        var batches = Channel.CreateUnbounded<(WatchBatch Batch, long Bytes)>(new UnboundedChannelOptions { SingleReader = true });
        var watchers = new Dictionary<uint, StreamWatcher>(request.From.Count);
        var watches = Interlocked.Add(ref _watches, request.From.Count);
        var unread = answers.Watch(account, end);
        try
        {
            if (watches > MostWatches)
            {
                throw new RpcException(new Grpc.Core.Status(
                    StatusCode.ResourceExhausted, $"{watches} watches of partitions at node {settings.Id}; the limit is {MostWatches}"));
            }

            foreach (var from in request.From) Start(request, from, watchers, batches.Writer);
            await foreach (var (batch, bytes) in batches.Reader.ReadAllAsync(cancelled))
            {
                unread.Begin();
                try
                {
                    await stream.WriteWholeAsync(batch, cancelled);
                }
                finally
                {
                    unread.Done();
                    if (bytes > 0) answers.Give(account, bytes);
                }

                if (batch.Error is not null) return;
                var watcher = watchers[batch.Partition];
                watcher.Replica.Tell(new PartitionWatcher.Pull(watcher));
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException || cancelled.IsCancellationRequested)
        {
            // The client went away, or the node stops.
        }
        finally
        {
            Interlocked.Add(ref _watches, -request.From.Count);
            answers.Unwatch(unread);
            foreach (var watcher in watchers.Values) watcher.Replica.Tell(new PartitionWatcher.Stop(watcher));
            batches.Writer.TryComplete();
            while (batches.Reader.TryRead(out var left))
                if (left.Bytes > 0) answers.Give(account, left.Bytes);
        }
    }

    private void Start(
        WatchRequest request, Clock from, Dictionary<uint, StreamWatcher> watchers, ChannelWriter<(WatchBatch Batch, long Bytes)> batches)
    {
        if (partitions.Find((int)from.Partition) is not { } replica)
        {
            batches.TryWrite((new WatchBatch
            {
                Partition = from.Partition,
                Error = new Error
                {
                    Code = ErrorCode.Unavailable,
                    Message = $"node {settings.Id} does not hold partition {from.Partition}",
                },
            }, 0));
            return;
        }

        var watcher = new StreamWatcher((int)from.Partition, replica, batches, answers, account, health)
        {
            Key = Wire.ToBytes(request.IsPrefix ? request.Prefix : request.Key),
            IsPrefix = request.IsPrefix,
            From = Wire.ToVector(from),
            DeadlineMs = clock.SteadyMs + CoverWithinMs,
        };
        watchers.Add(from.Partition, watcher);
        replica.Tell(new PartitionWatcher.Start(watcher));
    }

    private void Check(WatchRequest request)
    {
        var seen = new HashSet<uint>();
        var problem = request switch
        {
            { IsPrefix: false, Key.IsEmpty: true } => "the watch names no key, and is not of a prefix",
            { IsPrefix: true, Key.IsEmpty: false } => "a watch is of a key or of a prefix, not both",
            _ when Math.Max(request.Key.Length, request.Prefix.Length) > settings.MaxKeyBytes =>
                $"the key watched is longer than {settings.MaxKeyBytes} bytes, which keys are not",
            { From.Count: 0 } => "the watch names no partition",
            _ when request.From.FirstOrDefault(from => from.Partition >= settings.Partitions) is { } wrong =>
                $"there is no partition {wrong.Partition}: there are {settings.Partitions}, from 0",
            _ when request.From.FirstOrDefault(from => !seen.Add(from.Partition)) is { } twice =>
                $"the watch names partition {twice.Partition} twice",
            { IsPrefix: false } when request.From[0].Partition is var named
                && Partitioner.PartitionOf(request.Key.Span, settings.Partitions) is var own
                && (request.From.Count > 1 || named != own)
                => $"the key is of partition {own}, and the watch of others",
            _ => null,
        };
        if (problem is not null) throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, problem));
    }
}
