using Grpc.Core;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of the data: unary calls, streams of batches, and the description clients route by.</summary>
internal sealed class DataService(NodeContext node, Gateway gateway) : Protocol.Gossipdb.GossipdbBase
{
    public override async Task<Reply> Execute(Request request, ServerCallContext context)
    {
        var unary = new UnaryCall(gateway, context);
        gateway.Serve(request, unary);
        return await unary.AnswerAsync(context.CancellationToken);
    }

    public override Task Stream(IAsyncStreamReader<RequestBatch> requestStream, IServerStreamWriter<ReplyBatch> responseStream, ServerCallContext context) =>
        new ClientStream(gateway, node.Settings, SlowReaders.AccountOf(context), () => SlowReaders.End(context, node.Health)).RunAsync(requestStream, responseStream, context.CancellationToken);

    public override Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> responseStream, ServerCallContext context) =>
        new WatchStream(node, gateway.Answers, SlowReaders.AccountOf(context), () => SlowReaders.End(context, node.Health)).RunAsync(request, responseStream, context.CancellationToken);

    public override Task<ClusterDescription> Describe(DescribeRequest request, ServerCallContext context) => Task.FromResult(Reports.Describe(node));
}
