using System.Threading.Tasks.Sources;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Connection;

/// <summary>
/// One operation of a caller, from its start to the one outcome the caller sees, over as many attempts as it takes. Whoever
/// finishes it first wins: the reply, the sweep of overdue calls, the caller's cancellation, or the client's disposal.
/// The request belongs to the call and is changed only between attempts, by whoever holds the call then.
/// </summary>
internal sealed class OutboundCall : IValueTaskSource<Reply>
{
    private readonly ICallOwner _owner;
    private readonly CancellationToken _cancellation;
    private ManualResetValueTaskSourceCore<Reply> _source;
    private CancellationTokenRegistration _registration;
    private List<NodeConnection>? _tried;
    private int _finished;

    public OutboundCall(
        ICallOwner owner,
        Request request,
        bool isWrite,
        int bytes,
        TimeSpan timeout,
        SessionClock? session,
        CancellationToken cancellation)
    {
        _owner = owner;
        _cancellation = cancellation;
        // The caller's code must not run on the loop that reads the node's replies.
        _source.RunContinuationsAsynchronously = true;
        Request = request;
        IsWrite = isWrite;
        Bytes = bytes;
        Timeout = timeout;
        Session = session;
        Deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
    }

    public Request Request { get; }

    public bool IsWrite { get; }

    /// <summary>About how many bytes the request takes on the wire.</summary>
    public int Bytes { get; }

    public TimeSpan Timeout { get; }

    /// <summary>What the call's session has seen; null where it is part of none.</summary>
    public SessionClock? Session { get; }

    /// <summary>The node to be tried first, where it owns the partition: the one that knows what the session has seen.</summary>
    public NodeConnection? Preferred { get; set; }

    /// <summary>In <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline { get; }

    public uint Partition { get; set; }

    /// <summary>True where the operation may have been sent before, by another call of the same name.</summary>
    public bool MayHaveBeenSent { get; set; }

    /// <summary>How often the request has been sent.</summary>
    public int Attempts { get; private set; }

    /// <summary>The node the request was last sent to; null before the first attempt.</summary>
    public NodeConnection? SentTo { get; private set; }

    /// <summary>An attempt was sent and has no answer: a node may be executing the request, or have executed it.</summary>
    public bool Unanswered { get; private set; }

    /// <summary>An earlier attempt was sent and its answer lost.</summary>
    public bool AnswerLost { get; set; }

    /// <summary>What the last attempt that was answered was told.</summary>
    public Error? LastError { get; set; }

    public bool IsFinished => Volatile.Read(ref _finished) != 0;

    public ValueTask<Reply> Task => new(this, _source.Version);

    public long RemainingMs => Deadline - Environment.TickCount64;

    /// <summary>How long it may still take; nothing once its time is over.</summary>
    public TimeSpan Remaining => TimeSpan.FromMilliseconds(Math.Max(0, RemainingMs));

    /// <summary>Must precede the first dispatch: afterwards the call may finish at any time.</summary>
    public void WatchCancellation()
    {
        if (_cancellation.CanBeCanceled)
            _registration = _cancellation.UnsafeRegister(static call => ((OutboundCall)call!).Cancel(), this);
    }

    public void MarkSent(NodeConnection node)
    {
        SentTo = node;
        Unanswered = true;
        if (Request.Operation is { } operation) operation.FirstAttempt = Attempts == 0 && !MayHaveBeenSent;
        if (Attempts++ > 0) _owner.OnSentAgain();
    }

    /// <summary>
    /// The same read as a call of its own, for another node than this one's; null where this one is finished, or not sent.
    /// </summary>
    public OutboundCall? Repeated()
    {
        if (IsFinished || SentTo is not { } slow || RemainingMs <= 0) return null;
        var again = new OutboundCall(
            _owner, Request.Clone(), isWrite: false, Bytes, TimeSpan.FromMilliseconds(RemainingMs), Session, _cancellation)
        {
            Partition = Partition,
        };
        again.MarkTried(slow);
        return again;
    }

    public void MarkAnswered() => Unanswered = false;

    public void MarkTried(NodeConnection node) => (_tried ??= []).Add(node);

    public bool HasTried(NodeConnection node) => _tried is not null && _tried.Contains(node);

    public void ForgetTried() => _tried?.Clear();

    public void Succeed(Reply reply)
    {
        // Before the caller goes on: its next call must know of this one.
        if (reply.Receipt?.Clock is { } clock)
            Session?.Note(clock, SentTo);
        if (Finish())
            _source.SetResult(reply);
    }

    public void Fail(Exception failure)
    {
        if (Finish())
            _source.SetException(failure);
    }

    public Reply GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel() => Fail(new OperationCanceledException(_cancellation));

    private bool Finish()
    {
        if (Interlocked.Exchange(ref _finished, 1) != 0)
            return false;
        _registration.Unregister();
        _owner.ReleaseSlot();
        return true;
    }
}
