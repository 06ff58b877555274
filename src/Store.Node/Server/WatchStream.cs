using System.Threading.Channels;
using Akka.Actor;
using Gossipdb.Protocol;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Watch;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>A watcher whose changes go to a client's stream. It asks for one batch at a time: what changes meanwhile waits in the replica, each key once.</summary>
internal sealed class PartitionWatcher(
    int partition, IActorRef replica, ChannelWriter<(WatchBatch Batch, long Bytes)> batches, AnswerBudget answers, CallerAccount account, NodeHealth health) : Watcher
{
    /// <summary>Begins the watch.</summary>
    public sealed record Start(PartitionWatcher Watcher);

    /// <summary>The last batch is on its way: the next one is wanted.</summary>
    public sealed record Pull(PartitionWatcher Watcher);

    /// <summary>There is something to take.</summary>
    public sealed record Take(PartitionWatcher Watcher);

    /// <summary>Ends the watch: the client has gone.</summary>
    public sealed record Stop(PartitionWatcher Watcher);

    // The most of one value that goes along with its notice. A larger one is read by whoever wants it.
    private const long MaxValueBytes = 64 * 1024;
    private const long MaxSmallValueBytes = 256;
    private const int MaxKeys = 100;
    private readonly WatchedChanges _changes = new();

    // Read and written by the partition's actor alone.
    private bool _isWanted = true;

    public int Partition => partition;

    public IActorRef Replica => replica;

    // Goes behind what waits in the mailbox, so that many changes make one batch.
    public override void Wake() => replica.Tell(new Take(this), ActorRefs.NoSender);

    public override void End(Outcome outcome, string reason) => Refuse(
        outcome switch
        {
            Outcome.SessionUnavailable => ErrorCode.SessionUnavailable,
            _ => ErrorCode.Unavailable,
        },
        reason);

    public void Refuse(ErrorCode code, string reason) =>
        batches.TryWrite((new WatchBatch { Partition = (uint)partition, Error = new Error { Code = code, Message = $"the watch of partition {partition} has ended: {reason}" } }, 0));

    /// <summary>Takes what there is and hands it to the stream, where it has asked. Where that fails, this watch ends.</summary>
    public void Deliver(Replica from, bool pulled, long nowMs)
    {
        try
        {
            DeliverBatch(from, pulled, nowMs);
        }
        catch (Exception unforeseen)
        {
            from.Unwatch(this);
            health.CallFailed($"partition {partition}", "a watch", unforeseen);
            Refuse(ErrorCode.Internal, $"an error nobody foresaw ({unforeseen.GetType().Name})");
        }
    }

    private void DeliverBatch(Replica from, bool pulled, long nowMs)
    {
        _isWanted |= pulled;
        if (!_isWanted || !from.TryTake(this, MaxKeys, nowMs, _changes)) return;
        _isWanted = false;
        var batch = new WatchBatch { Partition = (uint)partition, Reset = _changes.IsReset };
        var mostPerValue = MaxValueBytes;
        var bytes = BytesUpTo(mostPerValue);
        if (bytes > AnswerBudget.SmallBytes && !answers.TryTake(account, bytes, nowMs))
        {
            // Who reads slowly is told which keys have changed, and reads the values when it has come so far.
            mostPerValue = MaxSmallValueBytes;
            bytes = BytesUpTo(mostPerValue);
            answers.Adjust(account, bytes);
        }

        foreach (var (key, held) in _changes.Keys)
        {
            var told = new WatchedKey { Key = Wire.ToByteString(key) };
            if (held is not null && (held.State.ApproximateBytes > mostPerValue || !TryShow(held.State, told))) told.Omitted = Wire.ToValueType(held.State.Type);
            batch.Keys.Add(told);
        }

        if (_changes.Token is { } token) batch.Token = Wire.ToClock(partition, token);
        batch.CoversShown = _changes.CoversShown;
        if (bytes <= AnswerBudget.SmallBytes && mostPerValue == MaxValueBytes) bytes = 0;
        if (!batches.TryWrite((batch, bytes)) && bytes > 0) answers.Give(account, bytes);
    }

    private long BytesUpTo(long mostPerValue)
    {
        long bytes = 0;
        foreach (var (key, held) in _changes.Keys)
        {
            bytes += key.Length;
            if (held is not null && held.State.ApproximateBytes is var size && size <= mostPerValue) bytes += size;
        }

        return bytes;
    }

    // A value that cannot be made is left out as a large one is: whoever reads it is told.
    private bool TryShow(Crdt.Crdt state, WatchedKey told)
    {
        try
        {
            told.Value = WireValues.Whole(state);
            return true;
        }
        catch (Exception unforeseen)
        {
            health.CallFailed($"partition {partition}", $"a watched {state.Type}", unforeseen);
            return false;
        }
    }
}

/// <summary>One client's watch: of a key or of keys with a prefix, in the partitions it names. Where one of them can go on no longer the stream ends, having said so.</summary>
/// <param name="node">The node.</param>
/// <param name="answers">The room for what is told.</param>
/// <param name="account">The client's connection.</param>
/// <param name="end">Ends the stream: the client does not read.</param>
internal sealed class WatchStream(NodeContext node, AnswerBudget answers, CallerAccount account, Action end)
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
        var watchers = new Dictionary<uint, PartitionWatcher>(request.From.Count);
        var watches = Interlocked.Add(ref _watches, request.From.Count);
        var unread = answers.Watch(account, end);
        try
        {
            if (watches > MostWatches) throw new RpcException(new Grpc.Core.Status(StatusCode.ResourceExhausted, $"{watches} watches of partitions at node {node.Settings.Id}; the limit is {MostWatches}"));
            foreach (var from in request.From) Start(request, from, watchers, batches.Writer);
            await foreach (var (batch, bytes) in batches.Reader.ReadAllAsync(cancelled))
            {
                unread.Begin();
                try
                {
                    await stream.WriteAsync(batch, cancelled);
                }
                finally
                {
                    unread.Done();
                    if (bytes > 0) answers.Give(account, bytes);
                }

                if (batch.Error is not null) return;
                var watcher = watchers[batch.Partition];
                watcher.Replica.Tell(new PartitionWatcher.Pull(watcher), ActorRefs.NoSender);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The client went away, or the node stops.
        }
        finally
        {
            Interlocked.Add(ref _watches, -request.From.Count);
            answers.Unwatch(unread);
            foreach (var watcher in watchers.Values) watcher.Replica.Tell(new PartitionWatcher.Stop(watcher), ActorRefs.NoSender);
            batches.Writer.TryComplete();
            while (batches.Reader.TryRead(out var left))
                if (left.Bytes > 0) answers.Give(account, left.Bytes);
        }
    }

    private void Start(WatchRequest request, Clock from, Dictionary<uint, PartitionWatcher> watchers, ChannelWriter<(WatchBatch Batch, long Bytes)> batches)
    {
        if (node.Partitions[from.Partition] is not { } replica)
        {
            batches.TryWrite((new WatchBatch
            {
                Partition = from.Partition,
                Error = new Error { Code = ErrorCode.Unavailable, Message = $"node {node.Settings.Id} does not hold partition {from.Partition}" },
            }, 0));
            return;
        }

        var watcher = new PartitionWatcher((int)from.Partition, replica, batches, answers, account, node.Health)
        {
            Key = Wire.ToBytes(request.IsPrefix ? request.Prefix : request.Key),
            IsPrefix = request.IsPrefix,
            From = Wire.ToVector(from),
            DeadlineMs = node.Clock.SteadyMs + CoverWithinMs,
        };
        watchers.Add(from.Partition, watcher);
        replica.Tell(new PartitionWatcher.Start(watcher), ActorRefs.NoSender);
    }

    private void Check(WatchRequest request)
    {
        var settings = node.Settings;
        var seen = new HashSet<uint>();
        var problem = request switch
        {
            { IsPrefix: false, Key.IsEmpty: true } => "the watch names no key, and is not of a prefix",
            { IsPrefix: true, Key.IsEmpty: false } => "a watch is of a key or of a prefix, not both",
            _ when Math.Max(request.Key.Length, request.Prefix.Length) > settings.MaxKeyBytes => $"the key watched is longer than {settings.MaxKeyBytes} bytes, which keys are not",
            { From.Count: 0 } => "the watch names no partition",
            _ when request.From.FirstOrDefault(from => from.Partition >= settings.Partitions) is { } wrong => $"there is no partition {wrong.Partition}: there are {settings.Partitions}, from 0",
            _ when request.From.FirstOrDefault(from => !seen.Add(from.Partition)) is { } twice => $"the watch names partition {twice.Partition} twice",
            { IsPrefix: false } when request.From[0].Partition is var named && Partitioner.PartitionOf(request.Key.Span, settings.Partitions) is var own && (request.From.Count > 1 || named != own)
                => $"the key is of partition {own}, and the watch of others",
            _ => null,
        };
        if (problem is not null) throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, problem));
    }
}
