using System.Threading.Channels;
using Gossipdb.Node.Configuration;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>
/// One client's stream. Answers leave as they come, whatever waits in one batch. What waits counts against the node's limits until it is
/// written: a client that asks and does not read is not read from either, and after a while its stream is ended.
/// </summary>
/// <param name="gateway">Where requests go.</param>
/// <param name="settings">The limits.</param>
/// <param name="account">The client's connection.</param>
/// <param name="end">Ends the stream: the client does not read.</param>
internal sealed class ClientStream(Gateway gateway, NodeSettings settings, CallerAccount account, Action end) : IReplySink
{
    // Of answers in one message: what a slow reader has in the connection's buffers.
    private const long MaxBatchBytes = 256 * 1024;
    private readonly Channel<(ServerCall Call, Reply Reply)> _replies =
        Channel.CreateUnbounded<(ServerCall, Reply)>(new UnboundedChannelOptions { SingleReader = true });
    private long _unsent;
    private TaskCompletionSource? _room;
    private volatile bool _isGone;

    // The stream while it is read, and every request not answered yet.
    private int _open = 1;

    public CallerAccount Account => account;

    public bool IsGone => _isGone;

    /// <summary>Serves the stream until the client has ended it and has its answers, or goes away.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<RequestBatch> requests, IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        var writing = WriteAsync(replies, cancelled);
        var isEnded = false;
        await using var abandoned = cancelled.Register(() => _replies.Writer.TryComplete());
        try
        {
            while (await requests.MoveNext(cancelled))
            {
                var batch = requests.Current;
                if (batch.Requests.Count > settings.MaxBatch)
                    throw new RpcException(new Status(
                        StatusCode.InvalidArgument, $"a batch of {batch.Requests.Count} requests; the limit is {settings.MaxBatch}"));
                Interlocked.Add(ref _open, batch.Requests.Count);
                for (var i = 0; i < batch.Requests.Count; i++) gateway.Serve(batch.Requests[i], this);
                await WaitForRoomAsync(cancelled);
            }

            isEnded = true;
        }
        catch (Exception gone) when (gone is OperationCanceledException || (gone is IOException && cancelled.IsCancellationRequested))
        {
            // The client went away; what it asked for goes on, its answers are dropped below.
        }
        finally
        {
            if (isEnded) CloseOne();
            else _replies.Writer.TryComplete();
            await writing;
        }
    }

    public bool TryMakeRoom(ServerCall call, long bytes) => gateway.Admission.TryMakeRoom(call, bytes);

    public void Complete(ServerCall call, Reply reply)
    {
        // An answer to a read can be far larger than its question.
        gateway.Admission.Settle(call, reply);
        Interlocked.Add(ref _unsent, call.AdmittedBytes + call.AnswerBytes);
        if (!_replies.Writer.TryWrite((call, reply))) gateway.Admission.Release(call);
        CloseOne();
    }

    private void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) == 0) _replies.Writer.TryComplete();
    }

    // Further requests stay in the client's own buffers until it has read.
    private async ValueTask WaitForRoomAsync(CancellationToken cancelled)
    {
        while (Volatile.Read(ref _unsent) > settings.MaxAnswerBytesPerClient)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            if (Volatile.Read(ref _unsent) <= settings.MaxAnswerBytesPerClient) return;
            await room.Task.WaitAsync(cancelled);
        }
    }

    private async Task WriteAsync(IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        var batch = new ReplyBatch();
        var written = new List<ServerCall>();
        var unread = gateway.Admission.Answers.Watch(account, end);
        while (await _replies.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var held = 0L;
            while (batch.Replies.Count < settings.MaxBatch && held < MaxBatchBytes && _replies.Reader.TryRead(out var next))
            {
                batch.Replies.Add(next.Reply);
                written.Add(next.Call);
                held += next.Call.AdmittedBytes + next.Call.AnswerBytes;
            }

            try
            {
                unread.Begin();
                if (!_isGone) await replies.WriteAsync(batch, cancelled);
            }
            catch (Exception failed) when (failed is OperationCanceledException or IOException or RpcException or InvalidOperationException)
            {
                _isGone = true;
            }

            unread.Done();
            foreach (var call in written) gateway.Admission.Release(call);
            written.Clear();
            batch.Replies.Clear();
            Interlocked.Add(ref _unsent, -held);
            Volatile.Read(ref _room)?.TrySetResult();
        }

        _isGone = true;
        gateway.Admission.Answers.Unwatch(unread);
    }
}
