using Gossipdb.Client.Routing;
using Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>The store as a batch shows it to a call that it collects: the write is not sent, it becomes a change of the batch.</summary>
internal sealed class CollectingStore(Batch batch, CallScope scope) : GossipdbStore(new CollectingScope(batch, scope))
{
    private sealed class CollectingScope(Batch batch, CallScope scope) : CallScope(scope.Dispatcher, clock: null)
    {
        public override ValueTask<Reply> WriteAsync(
            in KeyBytes key, Request request, int bytes, Write? write, CancellationToken cancellation)
        {
            batch.Take(key, ToKeyWrite(request, write), bytes);
            return new(new Reply());
        }

        public override ValueTask<Reply> ReadAsync(in KeyBytes key, Request request, Read? read, CancellationToken cancellation) =>
            throw new InvalidOperationException("A batch collects writes, and this call reads.");

        private static KeyWrite ToKeyWrite(Request request, Write? write) => request.ActionCase switch
        {
            Request.ActionOneofCase.Update => new()
            {
                Update = request.Update,
                Lifetime = write?.Lifetime is { } lifetime ? LifetimeCodec.ToWire(lifetime) : null,
            },
            Request.ActionOneofCase.Delete => new() { Delete = request.Delete },
            Request.ActionOneofCase.Expire => new() { Expire = request.Expire },
            var other => throw new InvalidOperationException($"A batch collects writes of single keys, and no {other}."),
        };
    }
}
