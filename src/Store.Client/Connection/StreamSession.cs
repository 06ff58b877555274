using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Client.Connection;

/// <summary>A session over a gRPC stream. The channel itself notices where the node is gone.</summary>
internal sealed class StreamSession(
    NodeConnection node, AsyncDuplexStreamingCall<RequestBatch, ReplyBatch> stream, int maxBatch) : NodeSession(node, maxBatch)
{
    public override void Dispose() => stream.Dispose();

    protected override ValueTask SendAsync(RequestBatch batch, CancellationToken cancellation) =>
        new(stream.RequestStream.WriteAsync(batch, cancellation));

    protected override async Task ReadAsync(CancellationToken cancellation)
    {
        while (await stream.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
            HandOut(stream.ResponseStream.Current.Replies);
    }

    protected override Task WatchAsync(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    protected override void Abort()
    {
        // Its calls look at the token.
    }
}
