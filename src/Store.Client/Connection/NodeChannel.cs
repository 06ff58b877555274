using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gossipdb.Client.Connection;

/// <summary>The gRPC channel to one node: one HTTP/2 connection, watched by pings.</summary>
internal static class NodeChannel
{
    // A set of millions of elements is one message; what is past this is refused here rather than fill the memory.
    private const int MaxMessageBytes = 512 * 1024 * 1024;

    // A peer whose machine is gone never closes its connection. Unanswered pings end it within three seconds: soon enough
    // for a call with the default timeout to be tried at another node.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(2);

    public static GrpcChannel Create(Uri address, TimeSpan connectTimeout) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            EnableMultipleHttp2Connections = false,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = MaxMessageBytes,
        MaxSendMessageSize = MaxMessageBytes,
        MaxRetryAttempts = null,
    });

    /// <summary>Why a call failed, in a few words, without a final full stop.</summary>
    public static string Reason(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return socket.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : socket.Message;
        }

        return failure switch
        {
            RpcException { Status.DebugException: { } cause } => Reason(cause),
            RpcException { StatusCode: StatusCode.DeadlineExceeded } => "no answer in time",
            RpcException rpc => rpc.Status.Detail,
            _ => failure.Message,
        };
    }
}
