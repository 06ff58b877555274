using Gossipdb.Protocol;

namespace Gossipdb.Client.Routing;

internal sealed class Dispatcher(GossipdbOptions options)
{
    public GossipdbOptions Options { get; } = options;

    public ValueTask<Reply> WriteAsync(in KeyBytes key, Request request, int bytes, Write? write, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<Reply> ReadAsync(in KeyBytes key, Request request, Read? read, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
