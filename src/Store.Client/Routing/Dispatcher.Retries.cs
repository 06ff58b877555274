using Gossipdb.Client.Connection;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Routing;

/// <summary>
/// What becomes of an attempt that failed. An attempt that certainly did nothing, or whose answer was lost, is made again at
/// another node, within the deadline and a bounded number of times; the operation id goes along unchanged, so that a write that
/// was executed already is not executed twice.
/// </summary>
internal sealed partial class Dispatcher
{
    private readonly WaitingCalls _unconnected = new();
    private TaskCompletionSource _notLetIn = NewSignal();
    private TaskCompletionSource _nextUp = NewSignal();

    public void OnError(OutboundCall call, NodeConnection node, Error error)
    {
        call.LastError = error;
        if (error.Code == ErrorCode.SessionLost)
            call.Session?.Drop(call.Partition, error.Lost);

        if (error.Code == ErrorCode.Unauthenticated)
        {
            // The connection is made anew, with what is true then: of a token that has expired, with another one.
            Settings.Credentials?.Forget();
            node.LogInAgain();
            if (Settings.Credentials is not { CanRenew: true } || call.Attempts >= Settings.MaxAttempts)
            {
                call.Fail(Failures.Of(call, error));
                return;
            }

            // Nothing was done, and where it goes next is as if it had not been tried.
            call.LastError = null;
            call.ForgetTried();
            _ = DispatchLaterAsync(call);
            return;
        }

        // A node whose clock is off may be the only one to which the call is out of date, and one that is cut off the only one that lacks
        // what the session has seen.
        var another = error.Code is ErrorCode.Unavailable or ErrorCode.Stale or ErrorCode.RefusingWrites
            or ErrorCode.Overloaded or ErrorCode.Expired or ErrorCode.SessionUnavailable;
        if (!another || call.Attempts >= Settings.MaxAttempts)
        {
            call.Fail(Failures.Of(call, error));
            return;
        }

        call.MarkTried(node);
        if (error.Code == ErrorCode.Overloaded)
            _ = DispatchLaterAsync(call);
        else
            Dispatch(call);
    }

    /// <summary>A connection was lost: what was only waiting for it goes elsewhere, what was sent may have been executed.</summary>
    public void OnDown(List<OutboundCall> waiting, List<OutboundCall> sent)
    {
        foreach (var call in sent)
        {
            call.AnswerLost = true;
            call.LastError = null;
            if (call.Attempts >= Settings.MaxAttempts)
                call.Fail(Failures.OutOfAttempts(call));
            else
                Dispatch(call);
        }

        foreach (var call in waiting)
            Dispatch(call);
        RefreshSoon();
    }

    public void OnUp()
    {
        _firstUp.TrySetResult();
        Interlocked.Exchange(ref _nextUp, NewSignal()).TrySetResult();
        foreach (var call in _unconnected.TakeAll())
            Dispatch(call);
    }

    public void OnNotLetIn()
    {
        Volatile.Read(ref _notLetIn).TrySetResult();
        if (_directory.Routes is null || _directory.IsAnyUp()) return;
        foreach (var call in _unconnected.TakeAll())
            Dispatch(call);
    }

    /// <summary>Waits until a node is connected first.</summary>
    /// <exception cref="AuthenticationFailedException">One does not let the client in, and no other one is connected.</exception>
    /// <exception cref="TimeoutException">Neither.</exception>
    private async Task FirstUpAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        var refused = Volatile.Read(ref _notLetIn);
        await Task.WhenAny(_firstUp.Task, refused.Task).WaitAsync(timeout, cancellation).ConfigureAwait(false);
        if (_directory.Routes is not null) return;

        // Who calls later asks anew: the client may be let in by then.
        Interlocked.CompareExchange(ref _notLetIn, NewSignal(), refused);
        throw Failures.NotLetIn(_directory.NotLetIn() ?? "it was not let in");
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Every connected node has refused the call, or none is connected.
    private void Unroutable(OutboundCall call)
    {
        if (call.LastError is { Code: ErrorCode.Overloaded })
        {
            // All are busy: begin again with the first, having waited.
            call.ForgetTried();
            if (_directory.IsAnyUp())
            {
                _ = DispatchLaterAsync(call);
                return;
            }
        }
        else if (call.LastError is { } error)
        {
            call.Fail(Failures.Of(call, error));
            return;
        }

        if (_directory.NotLetIn() is { } refused && !_directory.IsAnyUp())
        {
            call.Fail(Failures.NotLetIn(refused));
            return;
        }

        _unconnected.Add(call);
        NoteWaiting(call.Remaining);
        // A connection made in between has not seen the call, nor has the disposal.
        if (_disposing.IsCancellationRequested || _directory.Routes!.Pick(call) is not null)
            OnUp();
    }

    private async Task DispatchLaterAsync(OutboundCall call)
    {
        var most = Math.Min(Settings.MaxRetryDelay.TotalMilliseconds, Settings.RetryDelay.TotalMilliseconds * Math.Pow(2, call.Attempts));
        var delay = Math.Clamp(most * (0.5 + (Random.Shared.NextDouble() / 2)), 0, Math.Max(0, call.RemainingMs));
        await Task.Delay((int)delay, _disposing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispatch(call);
    }
}
