using System.Threading.Channels;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Lanes;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>
/// One client's gRPC stream. Its answers wait until the thread's turn ends, and then leave in one batch; where the one before is being
/// written still, once that is.
/// </summary>
/// <param name="gateway">Where requests go.</param>
/// <param name="settings">The limits.</param>
/// <param name="account">The client's connection.</param>
/// <param name="login">Who has logged in; null where nobody has.</param>
/// <param name="end">Ends the stream: the client does not read.</param>
internal sealed class ClientStream(
    Gateway gateway, NodeSettings settings, CallerAccount account, Security.LoggedIn? login, Action end) : Outlet, IReplySink
{
    private readonly UnsentReplies _replies = new(gateway, account, end);

    // Completed once no answer follows.
    private readonly Channel<bool> _wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // The stream while it is read, and every request not answered yet.
    private int _open = 1;

    public CallerAccount Account => account;

    public Security.LoggedIn? Login => login;

    public bool IsGone => _replies.IsGone;

    /// <summary>Serves the stream until the client has ended it and has its answers, or goes away.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<RequestBatch> requests, IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        var writing = WriteAsync(replies, cancelled);
        var isEnded = false;
        await using var abandoned = cancelled.Register(Abandon);
        try
        {
            while (await requests.MoveNext(cancelled))
            {
                var batch = requests.Current;
                if (batch.Requests.Count > settings.MaxBatch)
                    throw new RpcException(new Status(
                        StatusCode.InvalidArgument, $"a batch of {batch.Requests.Count} requests; the limit is {settings.MaxBatch}"));
                Interlocked.Add(ref _open, batch.Requests.Count);
                ServeBatch(batch);
                await _replies.WaitForRoomAsync();
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
            else Abandon();
            await writing;
        }
    }

    public bool TryMakeRoom(ServerCall call, long bytes) => gateway.Admission.TryMakeRoom(call, bytes);

    public void Complete(ServerCall call, Reply reply)
    {
        _replies.Add(call, reply);
        Touch();
        CloseOne();
    }

    protected override void Flush() => _wake.Writer.TryWrite(true);

    private void ServeBatch(RequestBatch batch)
    {
        using var turn = Turn.Begin();
        for (var i = 0; i < batch.Requests.Count; i++) gateway.Serve(batch.Requests[i], this);
    }

    private void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) == 0) _wake.Writer.TryComplete();
    }

    private void Abandon()
    {
        _replies.End();
        _wake.Writer.TryComplete();
    }

    private async Task WriteAsync(IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        var batch = new ReplyBatch();
        while (await _wake.Reader.WaitToReadAsync(CancellationToken.None))
        {
            _wake.Reader.TryRead(out _);
            await WriteWaitingAsync(batch, replies, cancelled);
        }

        // What came since, where the client has ended the stream.
        await WriteWaitingAsync(batch, replies, cancelled);
        _replies.End();
    }

    private async Task WriteWaitingAsync(ReplyBatch batch, IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        while (_replies.TryTake(batch))
        {
            try
            {
                await replies.WriteWholeAsync(batch, cancelled);
            }
            catch (Exception failed) when (failed is OperationCanceledException or IOException or RpcException or InvalidOperationException)
            {
                _replies.End();
            }

            _replies.Sent();
            batch.Replies.Clear();
        }
    }
}
