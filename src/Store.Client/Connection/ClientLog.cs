using Microsoft.Extensions.Logging;

namespace Gossipdb.Client.Connection;

/// <summary>What the client reports.</summary>
internal sealed partial class ClientLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Information, "Connected to {Endpoint}, node {Node}.")]
    public partial void Connected(string endpoint, uint node);

    [LoggerMessage(2, LogLevel.Warning, "Lost the connection to {Endpoint}: {Reason}. {Calls} calls were without an answer.")]
    public partial void ConnectionLost(string endpoint, string reason, int calls);

    [LoggerMessage(3, LogLevel.Debug, "Could not connect to {Endpoint}: {Reason}.")]
    public partial void ConnectFailed(string endpoint, string reason);

    [LoggerMessage(4, LogLevel.Debug, "Could not learn the cluster's layout from {Endpoint}: {Reason}.")]
    public partial void RefreshFailed(string endpoint, string reason);

    [LoggerMessage(5, LogLevel.Information, "No connection to the data port {Port} of {Endpoint}: {Reason}. Its calls travel over gRPC.")]
    public partial void NoFrames(string endpoint, uint port, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The cluster names {Endpoint}, which is not encrypted as the given endpoints are: it is not used.")]
    public partial void NotEncrypted(string endpoint);
}
