using Google.Protobuf.Collections;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Connection;

/// <summary>
/// One session with a node, from its opening to its loss. A writing loop sends whatever is waiting as one batch, so batches grow with
/// the load and a lone call waits for nothing; a reading loop hands out the replies. What carries the batches is up to who derives.
/// </summary>
internal abstract class NodeSession(NodeConnection node, int maxBatch) : IDisposable
{
    private const int MaxBatchBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private volatile CancellationTokenSource? _ending;
    private readonly Queue<OutboundCall> _waiting = new();
    private readonly Dictionary<ulong, OutboundCall> _sent = [];
    private readonly WriterSignal _wake = new();
    private readonly List<(OutboundCall Call, Reply Reply)> _answered = [];
    private bool _writerSleeps;
    private bool _pinged;
    private bool _closed;

    /// <summary>Whether the node has answered any call of this session.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Whether calls were sent that have no answer.</summary>
    protected bool HasUnanswered
    {
        get
        {
            lock (_gate)
                return _sent.Count > 0;
        }
    }

    /// <summary>False where the session has ended: the call is the caller's still.</summary>
    public bool TryEnqueue(OutboundCall call)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _waiting.Enqueue(call);
            WakeWriter();
        }

        return true;
    }

    /// <summary>Runs until the session is lost or the token cancelled, and says why it ended.</summary>
    public async Task<Exception> RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _ending = ending;
        var writing = WriteAsync(ending.Token);
        var reading = ReadAsync(ending.Token);
        var watching = WatchAsync(ending.Token);
        var first = await Task.WhenAny(reading, writing, watching).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        Abort();
        // All loops must have ended before a call is tried elsewhere: its request may be being written still.
        await Task.WhenAll(reading, writing, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first.Exception?.InnerException ?? new EndOfStreamException("the node closed the stream");
    }

    /// <summary>Ends the session as if it were lost.</summary>
    public void End()
    {
        try
        {
            _ending?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    /// <summary>Takes all calls off the session: those still waiting, and those sent and not answered.</summary>
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

    public abstract void Dispose();

    /// <summary>Sends a batch. It is changed once that has ended.</summary>
    protected abstract ValueTask SendAsync(RequestBatch batch, CancellationToken cancellation);

    /// <summary>Reads what the node sends until it ends, and has it handed out.</summary>
    protected abstract Task ReadAsync(CancellationToken cancellation);

    /// <summary>Looks whether the node is still there; ends, with the reason, where it is not.</summary>
    protected abstract Task WatchAsync(CancellationToken cancellation);

    /// <summary>Ends what reads and writes, where that does not look at a token.</summary>
    protected abstract void Abort();

    /// <summary>Has a batch sent soon, be it an empty one.</summary>
    protected void Ping()
    {
        lock (_gate)
        {
            _pinged = true;
            WakeWriter();
        }
    }

    /// <summary>Hands out replies. Called by the reading loop alone.</summary>
    protected void HandOut(RepeatedField<Reply> replies)
    {
        HasAnswered |= replies.Count > 0;
        lock (_gate)
        {
            for (var i = 0; i < replies.Count; i++)
            {
                if (_sent.Remove(replies[i].Id, out var call))
                {
                    call.MarkAnswered();
                    _answered.Add((call, replies[i]));
                }
            }
        }

        foreach (var (call, reply) in _answered)
            node.OnReply(call, reply);
        _answered.Clear();
    }

    // Under the lock. The signal is set on another thread, which is not waited for.
    private void WakeWriter()
    {
        if (!_writerSleeps)
            return;
        _writerSleeps = false;
        _wake.Set();
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        var batch = new RequestBatch();
        await using var cancelled = cancellation.UnsafeRegister(static session => ((NodeSession)session!).Ping(), this)
            .ConfigureAwait(false);
        while (true)
        {
            if (TakeWaiting(batch, cancellation))
                await SendAsync(batch, cancellation).ConfigureAwait(false);
            else
                await _wake.WaitAsync().ConfigureAwait(false);
        }
    }

    // False where there is nothing: the writer sleeps until it is woken.
    private bool TakeWaiting(RequestBatch batch, CancellationToken cancellation)
    {
        batch.Requests.Clear();
        var bytes = 0;
        lock (_gate)
        {
            cancellation.ThrowIfCancellationRequested();
            while (batch.Requests.Count < maxBatch && _waiting.TryPeek(out var call))
            {
                if (batch.Requests.Count > 0 && bytes + call.Bytes > MaxBatchBytes)
                    break;
                _waiting.Dequeue();
                if (call.IsFinished)
                    continue;
                call.MarkSent(node);
                call.Request.TimeoutMs = NodeTimeoutMs(call.RemainingMs);
                _sent.Add(call.Request.Id, call);
                batch.Requests.Add(call.Request);
                bytes += call.Bytes;
            }

            if (batch.Requests.Count > 0 || _pinged)
            {
                _pinged = false;
                return true;
            }

            _wake.Reset();
            _writerSleeps = true;
            return false;
        }
    }

    // The node is to give up a little before the client does: its answer says how many replicas acked. On a busy machine it comes late.
    private static uint NodeTimeoutMs(long remaining) => (uint)Math.Max(1, remaining - Math.Min(remaining / 10, 250));
}
