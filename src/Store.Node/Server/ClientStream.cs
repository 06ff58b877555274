using System.Threading.Channels;
using Grpc.Core;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// One client's stream. Answers leave as they come, whatever waits in one batch. What waits counts against the node's in-flight bytes until it is
/// written, so a client that asks and does not read is refused rather than served into memory.
/// </summary>
internal sealed class ClientStream(Gateway gateway, int maxBatch) : IReplySink
{
    private readonly Channel<(Call Call, Reply Reply)> _replies = Channel.CreateUnbounded<(Call, Reply)>(new UnboundedChannelOptions { SingleReader = true });

    // The stream while it is read, and every request not answered yet.
    private int _open = 1;

    /// <summary>Serves the stream until the client has ended it and has its answers, or goes away.</summary>
    public async Task RunAsync(IAsyncStreamReader<RequestBatch> requests, IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        var writing = WriteAsync(replies, cancelled);
        var isEnded = false;
        await using var abandoned = cancelled.Register(() => _replies.Writer.TryComplete());
        try
        {
            while (await requests.MoveNext(cancelled))
            {
                var batch = requests.Current;
                if (batch.Requests.Count > maxBatch)
                    throw new RpcException(new Status(StatusCode.InvalidArgument, $"a batch of {batch.Requests.Count} requests; the limit is {maxBatch}"));
                Interlocked.Add(ref _open, batch.Requests.Count);
                for (var i = 0; i < batch.Requests.Count; i++) gateway.Serve(batch.Requests[i], this);
            }

            isEnded = true;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
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

    public void Complete(Call call, Reply reply)
    {
        // An answer to a read can be far larger than its question.
        if (reply.OutcomeCase == Reply.OutcomeOneofCase.Value) gateway.Charge(call, reply.Value.CalculateSize());
        else if (reply.OutcomeCase == Reply.OutcomeOneofCase.Values) gateway.Charge(call, reply.Values.CalculateSize());
        else if (reply.OutcomeCase == Reply.OutcomeOneofCase.Scanned) gateway.Charge(call, reply.Scanned.CalculateSize());
        if (!_replies.Writer.TryWrite((call, reply))) gateway.Release(call);
        CloseOne();
    }

    private void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) == 0) _replies.Writer.TryComplete();
    }

    private async Task WriteAsync(IServerStreamWriter<ReplyBatch> replies, CancellationToken cancelled)
    {
        var batch = new ReplyBatch();
        var gone = false;
        while (await _replies.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var held = 0;
            while (batch.Replies.Count < maxBatch && _replies.Reader.TryRead(out var next))
            {
                batch.Replies.Add(next.Reply);
                held += next.Call.AdmittedBytes;
            }

            try
            {
                if (!gone) await replies.WriteAsync(batch, cancelled);
            }
            catch (Exception failed) when (failed is OperationCanceledException or IOException or RpcException or InvalidOperationException)
            {
                gone = true;
            }

            gateway.Release(held);
            batch.Replies.Clear();
        }
    }
}
