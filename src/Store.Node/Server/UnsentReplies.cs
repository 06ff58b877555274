using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// The answers to one client that have not left. They leave in batches, one at a time. What waits, or is on its way, counts against the
/// node's limits until it is written; and a client whose answers pile up is not read from meanwhile. Any thread.
/// </summary>
internal sealed class UnsentReplies
{
    // Of answers in one batch: what a slow reader has in the connection's buffers.
    private const long MaxBatchBytes = 256 * 1024;
    private readonly Gateway _gateway;
    private readonly UnreadAnswer _unread;
    private readonly Lock _gate = new();
    private readonly Queue<(ServerCall Call, Reply Reply)> _waiting = new();
    private readonly List<ServerCall> _leaving = [];
    private TaskCompletionSource? _room;
    private long _bytes;
    private bool _isLeaving;
    private bool _isPinged;
    private volatile bool _isGone;

    /// <param name="gateway">Whose limits these are.</param>
    /// <param name="account">The client's connection.</param>
    /// <param name="end">Ends the connection: the client does not read.</param>
    public UnsentReplies(Gateway gateway, CallerAccount account, Action end)
    {
        _gateway = gateway;
        _unread = gateway.Admission.Answers.Watch(account, end);
    }

    /// <summary>Whether nobody takes them any more.</summary>
    public bool IsGone => _isGone;

    /// <summary>An answer waits from now on.</summary>
    public void Add(ServerCall call, Reply reply)
    {
        // An answer to a read can be far larger than its question.
        _gateway.Admission.Settle(call, reply);
        lock (_gate)
        {
            if (!_isGone)
            {
                _waiting.Enqueue((call, reply));
                _bytes += Held(call);
                return;
            }
        }

        _gateway.Admission.Release(call);
    }

    /// <summary>A batch is to leave, be it an empty one.</summary>
    public void Ping()
    {
        lock (_gate) _isPinged = true;
    }

    /// <summary>Takes the next batch, where one may leave now. It is on its way until <see cref="Sent"/>.</summary>
    /// <returns>False where there is nothing, or the batch before is on its way still.</returns>
    public bool TryTake(ReplyBatch batch)
    {
        lock (_gate)
        {
            if (_isGone || _isLeaving || (_waiting.Count == 0 && !_isPinged)) return false;
            _isLeaving = true;
            _isPinged = false;
            var bytes = 0L;
            while (bytes < MaxBatchBytes && _leaving.Count < _gateway.Settings.MaxBatch && _waiting.TryDequeue(out var next))
            {
                batch.Replies.Add(next.Reply);
                _leaving.Add(next.Call);
                bytes += Held(next.Call);
            }

            _unread.Begin();
            return true;
        }
    }

    /// <summary>The batch is written, or lost. Nothing where none is on its way.</summary>
    public void Sent()
    {
        TaskCompletionSource? room = null;
        bool isOver;
        lock (_gate)
        {
            if (!_isLeaving) return;
            isOver = _isGone;
            _isLeaving = false;
            _unread.Done();
            for (var i = 0; i < _leaving.Count; i++)
            {
                _bytes -= Held(_leaving[i]);
                _gateway.Admission.Release(_leaving[i]);
            }

            _leaving.Clear();
            if (HasRoom) (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        if (isOver) _gateway.Admission.Answers.Unwatch(_unread);
    }

    /// <summary>Waits until the client may be read from: further requests stay in its own buffers until it has read.</summary>
    public ValueTask WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (HasRoom || _isGone) return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task);
        }
    }

    /// <summary>
    /// Nobody takes them any more: what they hold is given back, but for a batch on its way. That one is watched on until it is
    /// <see cref="Sent"/>, for a client that does not read it would hold up whoever waits for that.
    /// </summary>
    public void End()
    {
        TaskCompletionSource? room;
        bool isOver;
        lock (_gate)
        {
            if (_isGone) return;
            _isGone = true;
            isOver = !_isLeaving;
            while (_waiting.TryDequeue(out var left))
            {
                _bytes -= Held(left.Call);
                _gateway.Admission.Release(left.Call);
            }

            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        if (isOver) _gateway.Admission.Answers.Unwatch(_unread);
    }

    private bool HasRoom => _bytes <= _gateway.Settings.MaxAnswerBytesPerClient;

    private static long Held(ServerCall call) => call.AdmittedBytes + call.AnswerBytes;
}
