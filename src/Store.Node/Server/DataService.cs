using Grpc.Core;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of the data: unary calls, streams of batches, and the description clients route by.</summary>
internal sealed class DataService(NodeContext node, Gateway gateway) : Protocol.Gossipdb.GossipdbBase
{
    public override Task<Reply> Execute(Request request, ServerCallContext context)
    {
        var unary = new UnaryCall(gateway);
        gateway.Serve(request, unary);
        return unary.Task.WaitAsync(context.CancellationToken);
    }

    public override Task Stream(IAsyncStreamReader<RequestBatch> requestStream, IServerStreamWriter<ReplyBatch> responseStream, ServerCallContext context) =>
        new ClientStream(gateway, node.Settings.MaxBatch).RunAsync(requestStream, responseStream, context.CancellationToken);

    public override Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> responseStream, ServerCallContext context) =>
        new WatchStream(node).RunAsync(request, responseStream, context.CancellationToken);

    public override Task<ClusterDescription> Describe(DescribeRequest request, ServerCallContext context) => Task.FromResult(Reports.Describe(node));

    private sealed class UnaryCall(Gateway gateway) : IReplySink
    {
        private readonly TaskCompletionSource<Reply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Reply> Task => _reply.Task;

        public void Complete(Call call, Reply reply)
        {
            gateway.Release(call);
            _reply.TrySetResult(reply);
        }
    }
}
