using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gossipdb.Node.Server;

/// <summary>What anybody may take of the ports that speak HTTP.</summary>
internal static class HttpLimits
{
    // More than a call of gRPC with a token needs.
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxHeaders = 64;
    private const int MaxLineBytes = 4 * 1024;
    private const int MaxStreams = 1_000;

    // What stands before a message of gRPC.
    private const int MessageHeadBytes = 5;

    /// <summary>
    /// The limits of all connections. What is not named here Kestrel bounds by itself: the table of HPACK (4 KiB), frames (16 KiB),
    /// streams that were reset and are not done with (twice those that may be open), and what is answered to PING and SETTINGS (it reads
    /// nothing more before that has left).
    /// </summary>
    public static void Set(KestrelServerLimits limits, NodeSettings settings)
    {
        limits.KeepAliveTimeout = settings.Connections.IdleFor;
        limits.RequestHeadersTimeout = settings.Connections.HandshakeWithin;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestLineSize = MaxLineBytes;
        limits.MaxConcurrentUpgradedConnections = 0;

        // A message has its own limit; what comes behind it is not read.
        limits.MaxRequestBodySize = (long)settings.MaxMessageBytes + MessageHeadBytes;
        limits.Http2.MaxStreamsPerConnection = MaxStreams;
        limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;

        // What a connection may have sent before the node has looked at it.
        limits.Http2.InitialConnectionWindowSize = 2 << 20;
        limits.Http2.InitialStreamWindowSize = 1 << 20;
    }

    /// <summary>The limits of what is said over gRPC.</summary>
    public static void Set(GrpcServiceOptions grpc, NodeSettings settings)
    {
        grpc.MaxReceiveMessageSize = settings.MaxMessageBytes;
        grpc.MaxSendMessageSize = null;
        grpc.CompressionProviders = [new BoundedGzip(settings.MaxMessageBytes)];
    }

    /// <summary>Counts the connections of a port. Before anything else is done with them, TLS among it.</summary>
    public static void UseGate(this ListenOptions listen)
    {
        var gate = listen.ApplicationServices.GetRequiredService<ConnectionGate>();
        listen.Use(next => async connection =>
        {
            using var entry = gate.TryEnter(connection.RemoteEndPoint, connection.Abort);
            if (entry is null)
            {
                connection.Abort();
                return;
            }

            connection.Features.Set(entry);
            await next(connection);
        });
    }

    /// <summary>Gives each connection of a port an account: limits are shared among connections, and each logs in once.</summary>
    public static void UseAccounts(this ListenOptions listen) => listen.Use(next => connection =>
    {
        var caller = Caller.Anonymous with { From = $"{connection.RemoteEndPoint}" };
        connection.Features.Set(new CallerAccount { Caller = caller });
        return next(connection);
    });

    /// <summary>A connection has a call: it is known what it is for.</summary>
    public static Task KnownAsync(HttpContext http, Func<Task> next)
    {
        http.Features.Get<ConnectionGate.Entry>()?.Known();
        return next();
    }
}
