using Gossipdb.Node.Observability;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Gossipdb.Node.Server;

/// <summary>The connection a call came on, and how a call is ended whose client does not read.</summary>
internal static class SlowReaders
{
    // HTTP/2's ENHANCE_YOUR_CALM: gRPC clients see RESOURCE_EXHAUSTED. A status of our own would wait behind the data that is not read.
    private const int EnhanceYourCalm = 0xb;

    /// <summary>The account of the connection.</summary>
    public static CallerAccount AccountOf(ServerCallContext context) =>
        context.GetHttpContext().Features.Get<CallerAccount>() ?? new CallerAccount();

    /// <summary>Ends a call whose client does not read.</summary>
    public static void End(ServerCallContext context, NodeHealth health)
    {
        health.WarnNowAndThen("slow-reader", $"ended an answer to {context.Peer}, which does not read it");
        var http = context.GetHttpContext();
        if (http.Features.Get<IHttpResetFeature>() is { } stream) stream.Reset(EnhanceYourCalm);
        else http.Abort();
    }
}
