using Akka.Actor;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;
using Status = Grpc.Core.Status;

namespace Gossipdb.Node.Server;

/// <summary>
/// What a caller sees where a call cannot be served at all: a status that says what was wrong, in plain words. What anybody can bring
/// about from outside makes one line in the log every
/// so often and never a stack trace. Requests that cannot be read do not come as far as an interceptor: <see cref="EndAsync"/> gives
/// those their status.
/// </summary>
internal sealed class PlainErrors(NodeSettings settings, NodeHealth health) : Interceptor
{
    private const string StatusHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";
    private static readonly string Unknown = ((int)StatusCode.Unknown).ToString(System.Globalization.CultureInfo.InvariantCulture);
    private static readonly string Invalid = ((int)StatusCode.InvalidArgument).ToString(System.Globalization.CultureInfo.InvariantCulture);
    private static readonly string Exhausted = ((int)StatusCode.ResourceExhausted).ToString(
        System.Globalization.CultureInfo.InvariantCulture);

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception failure)
        {
            throw Plain(failure, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception failure)
        {
            throw Plain(failure, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception failure)
        {
            throw Plain(failure, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception failure)
        {
            throw Plain(failure, context);
        }
    }

    /// <summary>
    /// Ends what an interceptor sees only the beginning of: waits until a large answer is read, and names what was wrong with a request
    /// that could not be read. gRPC has by then answered that a handler threw, or that some limit was passed.
    /// </summary>
    public static async Task EndAsync(HttpContext http, Func<Task> next)
    {
        await next();
        await UnaryCall.DrainAsync(http);
        var trailers = http.Response.HasStarted ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : http.Response.Headers;
        if (trailers is null || !trailers.TryGetValue(StatusHeader, out var status)) return;

        // The interceptor leaves no other exception without a status.
        if (status == Unknown)
        {
            var services = http.RequestServices;
            trailers[StatusHeader] = Invalid;
            trailers[MessageHeader] = Escape(Unreadable(
                http.Request.Path,
                $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}",
                services.GetRequiredService<NodeHealth>()));
        }
        else if (status == Exhausted && trailers[MessageHeader].ToString().StartsWith("Received", StringComparison.Ordinal))
        {
            trailers[MessageHeader] = TooLarge(http.RequestServices.GetRequiredService<NodeSettings>());
        }
    }

    private static string TooLarge(NodeSettings settings) =>
        $"the message is larger than a node takes: the limit is {settings.MaxMessageBytes} bytes (twice gossipdb.limits.value, and at "
        + "least 16 MiB)";

    private static string Unreadable(string method, string peer, NodeHealth health)
    {
        var what = $"the request is not a readable message of {method}: its protobuf, its frame or its compression is damaged";
        health.WarnNowAndThen("unreadable-request", $"refused a request of {peer}: {what}");
        return what;
    }

    // gRPC wants percent-encoding of what is not printable ASCII; paths may hold anything.
    internal static string Escape(string message) => string.Concat(
        message.Select(static c => c is >= ' ' and <= '~' and not '%' ? c.ToString() : Uri.HexEscape((char)Math.Min(c, (char)255))));

    private RpcException Plain(Exception failure, ServerCallContext context)
    {
        switch (failure)
        {
            case RpcException { StatusCode: StatusCode.ResourceExhausted } rpc
                when rpc.Status.Detail.StartsWith("Received", StringComparison.Ordinal):
                return new RpcException(new Status(StatusCode.ResourceExhausted, TooLarge(settings)));
            case RpcException rpc:
                return rpc;
            case OperationCanceledException or IOException when context.CancellationToken.IsCancellationRequested:
                return new RpcException(new Status(StatusCode.Cancelled, "the call was given up"));

            // What a handler reads is the request alone: InvalidProtocolBufferException is an IOException too.
            case IOException or InvalidDataException:
                return new RpcException(new Status(StatusCode.InvalidArgument, Unreadable(context.Method, context.Peer, health)));
            case OperationCanceledException:
                return new RpcException(new Status(StatusCode.Cancelled, "the call was given up"));
            case AskTimeoutException or TimeoutException:
                health.WarnNowAndThen("slow-part", $"{context.Method}: a part of the node did not answer in time");
                return new RpcException(new Status(
                    StatusCode.DeadlineExceeded,
                    $"a part of node {settings.Id} did not answer in time: it is very busy, or has failed; look at its log"));
            default:
                health.WarnNowAndThen(
                    "failed-call",
                    $"{context.Method} of {context.Peer} failed: {failure.GetType().Name}: {failure.Message} {Where(failure)}");
                return new RpcException(new Status(
                    StatusCode.Internal, $"node {settings.Id} failed on this call, which is a fault of the node; its log says more"));
        }
    }

    private static string Where(Exception failure)
    {
        var trace = failure.StackTrace ?? string.Empty;
        var end = trace.IndexOf('\n', StringComparison.Ordinal);
        return (end < 0 ? trace : trace[..end]).Trim();
    }
}
