using Grpc.Core;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>A single call. A large answer keeps its room until the client has read it.</summary>
internal sealed class UnaryCall(Gateway gateway, ServerCallContext context) : IReplySink
{
    private readonly TaskCompletionSource<Reply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Call? _answered;
    private int _isTaken;

    public CallerAccount Account { get; } = SlowReaders.AccountOf(context);

    public bool IsGone => context.CancellationToken.IsCancellationRequested;

    public bool TryMakeRoom(Call call, long bytes) => gateway.TryMakeRoom(call, bytes);

    public void Complete(Call call, Reply reply)
    {
        gateway.Settle(call, reply);
        _answered = call;

        // Whoever comes second releases the call: this answer, or the client's going.
        if (call.AnswerBytes == 0 || Interlocked.Exchange(ref _isTaken, 1) == 1) gateway.Release(call);
        _reply.TrySetResult(reply);
    }

    /// <summary>Waits for the answer, and sees to it that its room is given back once it is read.</summary>
    public async Task<Reply> AnswerAsync(CancellationToken cancelled)
    {
        Reply reply;
        try
        {
            reply = await _reply.Task.WaitAsync(cancelled);
        }
        catch (OperationCanceledException)
        {
            if (Interlocked.Exchange(ref _isTaken, 1) == 1 && _answered is { AnswerBytes: > 0 } unread) gateway.Release(unread);
            throw;
        }

        if (_answered is { AnswerBytes: > 0 } call)
        {
            var unread = gateway.Answers.Watch(Account, () => SlowReaders.End(context, gateway.Health));
            unread.Begin();
            context.GetHttpContext().Response.OnCompleted(() =>
            {
                gateway.Answers.Unwatch(unread);
                gateway.Release(call);
                return Task.CompletedTask;
            });
        }

        return reply;
    }
}
