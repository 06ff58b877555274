using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gossipdb.Client.Connection;

/// <summary>The gRPC channel to one node: one HTTP/2 connection.</summary>
internal static class NodeChannel
{
    // A set of millions of elements is one message; what is past this is refused here rather than fill the memory.
    public const int MaxMessageBytes = 512 * 1024 * 1024;

    // A peer whose machine is gone never closes its connection. Unanswered pings end it within three seconds: soon enough
    // for a call with the default timeout to be tried at another node.
    public static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(2);

    /// <param name="address">The node's address.</param>
    /// <param name="tls">What TLS is spoken with, where the address is of it.</param>
    /// <param name="refused">Told why, where who answers is not trusted.</param>
    /// <param name="credentials">What is said of who calls; null for nothing.</param>
    /// <param name="isWatched">Whether pings tell that the node is gone. Without, each call must have a deadline of its own.</param>
    public static GrpcChannel Create(Uri address, ClientTls tls, Action<string> refused, Credentials? credentials, bool isWatched) =>
        GrpcChannel.ForAddress(address, Options(address, tls, refused, credentials, isWatched));

    private static GrpcChannelOptions Options(
        Uri address, ClientTls tls, Action<string> refused, Credentials? credentials, bool isWatched) => new()
        {
            HttpHandler = Saying(credentials, new SocketsHttpHandler
            {
                // How long to wait for a connection is up to who waits.
                ConnectTimeout = Timeout.InfiniteTimeSpan,
                EnableMultipleHttp2Connections = false,
                KeepAlivePingDelay = isWatched ? PingDelay : Timeout.InfiniteTimeSpan,
                KeepAlivePingTimeout = PingTimeout,
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                SslOptions = address.Scheme == Uri.UriSchemeHttps ? tls.OptionsFor(address.IdnHost, refused) : new(),
                UseProxy = false,
            }),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            MaxRetryAttempts = null,
        };

    private static HttpMessageHandler Saying(Credentials? credentials, SocketsHttpHandler handler) =>
        credentials is null ? handler : new CredentialsHandler(credentials, handler);

    /// <summary>Why a call failed, in a few words, without a final full stop.</summary>
    public static string Reason(Exception failure, Uri? address = null)
    {
        if (IsSilence(failure))
            return "no answer in time";
        if (OfTls(failure, address) is { } tls)
            return tls;
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return socket.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : socket.Message;
        }

        return failure switch
        {
            RpcException { Status.DebugException: { } cause } => Reason(cause, address),
            RpcException rpc => rpc.Status.Detail,
            _ => failure.Message,
        };
    }

    /// <summary>Whether TLS has not come about.</summary>
    public static bool IsOfTls(Exception failure) => OfTls(failure, address: null) is not null;

    // The words of the libraries below say little; null where it is not about TLS.
    private static string? OfTls(Exception failure, Uri? address)
    {
        var isOther = false;
        for (var cause = failure; cause is not null; cause = cause is RpcException rpc ? rpc.Status.DebugException : cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException { InnerException: { } alert } when alert.Message.Contains("alert", StringComparison.Ordinal):
                    return RefusedCertificate;
                case AuthenticationException plain when plain.Message.StartsWith(NoTls, StringComparison.Ordinal):
                    return "it does not answer in TLS; does it speak plain? (http://)";
                case AuthenticationException refused:
                    return $"no TLS came about: {refused.Message.TrimEnd('.')}";
                case IOException lost when lost.InnerException?.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) == true:
                    return RefusedCertificate;
                case HttpRequestException or IOException when cause.Message.Contains(NoHttp2, StringComparison.Ordinal):
                    isOther = true;
                    break;
            }
        }

        // A node that refuses a certificate may have hung up before anybody could read why.
        return !isOther ? null
            : address?.Scheme == Uri.UriSchemeHttps ? $"it hung up once TLS had come about: most likely {RefusedCertificate}"
            : "it does not answer in HTTP/2; does it speak TLS? (https://)";
    }

    private const string NoHttp2 = "did not complete the HTTP/2 handshake";
    private const string NoTls = "Cannot determine the frame size";
    private const string RefusedCertificate = "it refuses the certificate that this client shows, or that it shows none";

    /// <summary>Whether nobody answered: not even to refuse. Asked again, the node may answer still.</summary>
    public static bool IsSilence(Exception failure)
    {
        if (failure is RpcException { StatusCode: StatusCode.DeadlineExceeded or StatusCode.Cancelled })
            return true;
        for (var cause = failure; cause is not null; cause = cause is RpcException rpc ? rpc.Status.DebugException : cause.InnerException)
        {
            // The last is a ping without an answer.
            if (cause is OperationCanceledException or TimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut }
                or HttpProtocolException { ErrorCode: Http2ProtocolError })
                return true;
        }

        return false;
    }

    private const long Http2ProtocolError = 1;
}
