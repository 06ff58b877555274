using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>The gRPC face of the data: unary calls, streams of batches, and the description clients route by.</summary>
internal sealed class DataService(
    NodeSettings settings,
    NodeHealth health,
    NodeClock clock,
    PartitionDirectory partitions,
    Gateway gateway,
    AccountBook book,
    Reports reports) : Protocol.Gossipdb.GossipdbBase
{
    public override async Task<Reply> Execute(Request request, ServerCallContext context)
    {
        var unary = new UnaryCall(gateway, context);
        EarlyAdmission.Received(context);
        if (!request.HasTraceparent && context.GetHttpContext().Request.Headers.TraceParent is [{ Length: > 0 } traceparent, ..])
            request.Traceparent = traceparent;
        Reply? reply = null;
        await UntilFailed(context, async ended =>
        {
            gateway.Serve(request, unary);
            reply = await unary.AnswerAsync(ended);
        }, () => reply is not null);
        if (reply!.Error is { Code: ErrorCode.PermissionDenied or ErrorCode.Unauthenticated } refused)
            Authentication.Require(new AccessRefusal(refused.Code == ErrorCode.Unauthenticated, refused.Message));
        return reply;
    }

    public override Task Stream(
        IAsyncStreamReader<RequestBatch> requestStream, IServerStreamWriter<ReplyBatch> responseStream, ServerCallContext context) =>
        UntilFailed(context, ended => new ClientStream(gateway, settings, SlowReaders.AccountOf(context), Authentication.Of(context), () =>
            SlowReaders.End(context, health)).RunAsync(requestStream, responseStream, ended));

    public override Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> responseStream, ServerCallContext context) =>
        UntilFailed(context, async ended =>
        {
            var who = Authentication.Of(context);
            using var standing = new StandingWatch(book, who, () => gateway.Access.RefusalOf(who, request), ended);
            standing.Require();
            gateway.Audit.Watched(request, CallerAccount.CallerOf(context.GetHttpContext()));
            try
            {
                await new WatchStream(settings, health, clock, partitions, gateway.Admission.Answers, SlowReaders.AccountOf(context), () =>
                    SlowReaders.End(context, health)).RunAsync(request, responseStream, standing.Token);
            }
            finally
            {
                standing.Require();
            }
        });

    public override Task<ClusterDescription> Describe(DescribeRequest request, ServerCallContext context) =>
        Task.FromResult(reports.Describe());

    // A node that has failed answers nothing any more: its callers learn it at once, and not from their time-outs.
    private async Task UntilFailed(ServerCallContext context, Func<CancellationToken, Task> serve, Func<bool>? isAnswered = null)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, health.Failed);
        try
        {
            await serve(ended.Token);
        }
        catch (OperationCanceledException) when (health.Failed.IsCancellationRequested)
        {
            // Said below.
        }

        if (health.Failed.IsCancellationRequested && isAnswered?.Invoke() != true)
            throw new RpcException(new Status(StatusCode.Unavailable, $"node {settings.Id} has failed and stops: {health.Fatal}"));
    }
}
