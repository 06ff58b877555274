using System.Net.Security;
using Grpc.Net.Client;

namespace Gossipdb.Node.Membership;

/// <summary>How a node calls another one where clients do.</summary>
internal static class ClientPortChannel
{
    /// <summary>A channel to a node; whoever made it disposes of it.</summary>
    /// <param name="endpoint">Where clients reach the node.</param>
    /// <param name="tls">What to show it, and whom to expect; null where nodes speak plain.</param>
    /// <param name="connectWithin">How long connecting may take.</param>
    /// <param name="maxAnswerBytes">The largest answer that is taken; null for any.</param>
    /// <exception cref="ArgumentException">The endpoint is none.</exception>
    public static GrpcChannel To(string endpoint, SslClientAuthenticationOptions? tls, TimeSpan connectWithin, int? maxAnswerBytes)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address))
            throw new ArgumentException($"'{endpoint}' is no endpoint of a node");
        return GrpcChannel.ForAddress(address.GetLeftPart(UriPartial.Authority), new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = tls ?? new(),
                ConnectTimeout = connectWithin,
                EnableMultipleHttp2Connections = true,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = maxAnswerBytes,
        });
    }
}
