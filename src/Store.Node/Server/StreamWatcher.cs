using System.Threading.Channels;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Protocol;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Watch;

namespace Gossipdb.Node.Server;

/// <summary>
/// A watcher whose changes go to a client's stream. It asks for one batch at a time: what changes meanwhile waits in the replica, each
/// key once.
/// </summary>
internal sealed class StreamWatcher(
    int partition,
    HostPart replica,
    ChannelWriter<(WatchBatch Batch, long Bytes)> batches,
    AnswerBudget answers,
    CallerAccount account,
    NodeHealth health) : PartitionWatcher
{
    // The most of one value that goes along with its notice. A larger one is read by whoever wants it.
    private const long MaxValueBytes = 64 * 1024;
    private const long MaxSmallValueBytes = 256;
    private const int MaxKeys = 100;
    private readonly WatchedChanges _changes = new();

    // Read and written in the partition's lane alone.
    private bool _isWanted = true;

    public int Partition => partition;

    public HostPart Replica => replica;

    // Goes behind what waits in the mailbox, so that many changes make one batch.
    public override void Wake() => replica.Tell(new Take(this));

    public override void End(Outcome outcome, string reason) => Refuse(
        outcome switch
        {
            Outcome.SessionUnavailable => ErrorCode.SessionUnavailable,
            _ => ErrorCode.Unavailable,
        },
        reason);

    public void Refuse(ErrorCode code, string reason) =>
        batches.TryWrite((new WatchBatch
        {
            Partition = (uint)partition,
            Error = new Error { Code = code, Message = $"the watch of partition {partition} has ended: {reason}" },
        }, 0));

    /// <summary>Takes what there is and hands it to the stream, where it has asked. Where that fails, this watch ends.</summary>
    public override void Deliver(Replica from, bool pulled, long nowMs)
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
            if (held is not null && (held.State.ApproximateBytes > mostPerValue || !TryShow(held.State, told)))
                told.Omitted = Wire.ToValueType(held.State.Type);
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
