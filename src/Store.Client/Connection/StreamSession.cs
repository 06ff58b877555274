using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Client.Connection;

/// <summary>
/// One stream to a node, from its opening to its loss. A writing loop sends whatever is waiting as one batch, so batches grow with
/// the load and a lone call waits for nothing; a reading loop hands out the replies.
/// </summary>
internal sealed class StreamSession(
    NodeConnection node, AsyncDuplexStreamingCall<RequestBatch, ReplyBatch> stream, int maxBatch) : IDisposable
{
    private const int MaxBatchBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<OutboundCall> _waiting = new();
    private readonly Dictionary<ulong, OutboundCall> _sent = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _writerSleeps;
    private bool _closed;

    /// <summary>Whether the node has answered anything on this stream.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>False where the stream has been lost: the call is the caller's still.</summary>
    public bool TryEnqueue(OutboundCall call)
    {
        bool wake;
        lock (_gate)
        {
            if (_closed)
                return false;
            _waiting.Enqueue(call);
            wake = _writerSleeps;
            _writerSleeps = false;
        }

        if (wake)
            _wake.Release();
        return true;
    }

    /// <summary>Runs until the stream is lost or the token cancelled, and says why it ended.</summary>
    public async Task<Exception> RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = WriteAsync(ending.Token);
        var reading = ReadAsync(ending.Token);
        var first = await Task.WhenAny(reading, writing).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        // Both loops must have ended before a call is tried elsewhere: its request may be being written still.
        await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first.Exception?.InnerException ?? new EndOfStreamException("the node closed the stream");
    }

    /// <summary>Takes all calls off the stream: those still waiting, and those sent and not answered.</summary>
    public (List<OutboundCall> Waiting, List<OutboundCall> Sent) Close()
    {
        lock (_gate)
        {
            _closed = true;
            List<OutboundCall> waiting = [.. _waiting];
            List<OutboundCall> sent = [.. _sent.Values];
            _waiting.Clear();
            _sent.Clear();
            return (waiting, sent);
        }
    }

    /// <summary>Collects the calls that are overdue, and forgets those that were finished without a reply.</summary>
    public void CollectOverdue(long now, List<OutboundCall> overdue)
    {
        lock (_gate)
        {
            // Where the node takes nothing more, this is what keeps the queue within the bound of calls in flight.
            for (var count = _waiting.Count; count > 0; count--)
            {
                var call = _waiting.Dequeue();
                if (call.IsFinished)
                    continue;
                if (call.Deadline <= now)
                    overdue.Add(call);
                else
                    _waiting.Enqueue(call);
            }

            // Removing while enumerating is allowed for a Dictionary.
            foreach (var (id, call) in _sent)
            {
                var finished = call.IsFinished;
                if (!finished && call.Deadline > now)
                    continue;
                _sent.Remove(id);
                if (!finished)
                    overdue.Add(call);
            }
        }
    }

    public void Dispose() => stream.Dispose();

    private async Task WriteAsync(CancellationToken cancellation)
    {
        var batch = new RequestBatch();
        while (true)
        {
            TakeWaiting(batch);
            if (batch.Requests.Count == 0)
            {
                await _wake.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            await stream.RequestStream.WriteAsync(batch, cancellation).ConfigureAwait(false);
        }
    }

    private void TakeWaiting(RequestBatch batch)
    {
        batch.Requests.Clear();
        var bytes = 0;
        lock (_gate)
        {
            while (batch.Requests.Count < maxBatch && _waiting.TryPeek(out var call))
            {
                if (batch.Requests.Count > 0 && bytes + call.Bytes > MaxBatchBytes)
                    return;
                _waiting.Dequeue();
                if (call.IsFinished)
                    continue;
                call.MarkSent(node);
                call.Request.TimeoutMs = NodeTimeoutMs(call.RemainingMs);
                _sent.Add(call.Request.Id, call);
                batch.Requests.Add(call.Request);
                bytes += call.Bytes;
            }

            _writerSleeps = batch.Requests.Count == 0;
        }
    }

    // The node is to give up a little before the client does: its answer says how many replicas acked.
    private static uint NodeTimeoutMs(long remaining) => (uint)Math.Max(1, remaining - Math.Min(remaining / 10, 100));

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var answered = new List<(OutboundCall Call, Reply Reply)>();
        while (await stream.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
        {
            HasAnswered = true;
            var replies = stream.ResponseStream.Current.Replies;
            lock (_gate)
            {
                for (var i = 0; i < replies.Count; i++)
                {
                    if (_sent.Remove(replies[i].Id, out var call))
                    {
                        call.MarkAnswered();
                        answered.Add((call, replies[i]));
                    }
                }
            }

            foreach (var (call, reply) in answered)
                node.OnReply(call, reply);
            answered.Clear();
        }
    }
}
