using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Transport;

namespace Gossipdb.Node.Server;

/// <summary>Who takes the connections to the data port: the link to the node that calls, or a client's server.</summary>
internal sealed class DataConnections(NodeSettings settings, NodeLinks links)
{
    /// <summary>Serves a connection until it ends.</summary>
    /// <exception cref="CorruptDataException">The caller makes no sense.</exception>
    public Task ServeAsync(Hello hello, FrameConnection connection)
    {
        if (hello.Called != settings.Id) throw new CorruptDataException($"it wanted node {hello.Called}; this is node {settings.Id}");
        return hello.Caller is { } node ? links.ServeAsync(node, connection) : Task.CompletedTask;
    }
}
