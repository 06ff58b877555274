using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>A single call. A large answer keeps its room until the client has read it.</summary>
internal sealed class UnaryCall(Gateway gateway, ServerCallContext context) : IReplySink
{
    private static readonly object HeldKey = new();
    private readonly TaskCompletionSource<Reply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServerCall? _answered;
    private int _isTaken;

    public CallerAccount Account { get; } = SlowReaders.AccountOf(context);

    public LoggedIn? Login { get; } = Authentication.Of(context);

    public Caller Caller { get; } = CallerAccount.CallerOf(context.GetHttpContext());

    public bool IsGone => context.CancellationToken.IsCancellationRequested;

    public bool TryMakeRoom(ServerCall call, long bytes) => gateway.Admission.TryMakeRoom(call, bytes);

    public void Complete(ServerCall call, Reply reply)
    {
        gateway.Admission.Settle(call, reply);
        _answered = call;

        // Whoever comes second releases the call: this answer, or the client's going.
        if (call.AnswerBytes == 0 || Interlocked.Exchange(ref _isTaken, 1) == 1) gateway.Admission.Release(call);
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
            if (Interlocked.Exchange(ref _isTaken, 1) == 1 && _answered is { AnswerBytes: > 0 } unread) gateway.Admission.Release(unread);
            throw;
        }

        if (_answered is { AnswerBytes: > 0 }) context.GetHttpContext().Items[HeldKey] = this;
        return reply;
    }

    /// <summary>Waits until a large answer has left for the client, and gives its room back.</summary>
    public static ValueTask DrainAsync(HttpContext http) =>
        http.Items.TryGetValue(HeldKey, out var held) ? ((UnaryCall)held!).DrainHeldAsync(http) : ValueTask.CompletedTask;

    private async ValueTask DrainHeldAsync(HttpContext http)
    {
        var unread = gateway.Admission.Answers.Watch(Account, () => SlowReaders.End(context, gateway.Health));
        try
        {
            unread.Begin();
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client has gone, or was ended.
        }
        finally
        {
            gateway.Admission.Answers.Unwatch(unread);
            gateway.Admission.Release(_answered!);
        }
    }
}
