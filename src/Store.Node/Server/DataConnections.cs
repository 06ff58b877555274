using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;

namespace Gossipdb.Node.Server;

/// <summary>Who takes the connections to the data port: the link to the node that calls, or a client's server.</summary>
internal sealed class DataConnections(
    NodeSettings settings, NodeHealth health, NodeLinks links, Gateway gateway, Authenticator authenticator, Receiving receiving)
{
    private int _clients;

    /// <summary>Connections of clients.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>Serves a connection until it ends.</summary>
    /// <exception cref="CorruptDataException">The caller makes no sense.</exception>
    public Task ServeAsync(Hello hello, FrameConnection connection)
    {
        if (hello.Called != settings.Id) throw new CorruptDataException($"it wanted node {hello.Called}; this is node {settings.Id}");
        return hello.Caller is { } node ? links.ServeAsync(node, connection) : ServeClientAsync(connection);
    }

    private async Task ServeClientAsync(FrameConnection connection)
    {
        try
        {
            if (Interlocked.Increment(ref _clients) > settings.MaxFrameClients)
                health.WarnNowAndThen(
                    "frame-clients",
                    $"hung up on {connection.Peer}: the data port takes {settings.MaxFrameClients} clients (gossipdb.limits.clients)");
            else if (health.Fatal is null)
            {
                connection.Receiving = receiving;
                await new ClientFrames(gateway, authenticator, connection).RunAsync();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _clients);
        }
    }
}
