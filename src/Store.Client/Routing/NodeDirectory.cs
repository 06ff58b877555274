using Gossipdb.Client.Connection;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Routing;

/// <summary>The connections a client keeps: to the endpoints it was given and, where it may, to every node it learns of.</summary>
internal sealed class NodeDirectory(Dispatcher dispatcher)
{
    private readonly Lock _gate = new();
    private volatile NodeConnection[] _nodes = [];
    private volatile RoutingTable? _routes;
    private bool _started;
    private bool _stopped;

    public NodeConnection[] Nodes => _nodes;

    /// <summary>Null until a node has first been reached.</summary>
    public RoutingTable? Routes => _routes;

    public void Start()
    {
        lock (_gate)
        {
            if (_started || _stopped)
                return;
            _started = true;
            _nodes = [.. dispatcher.Settings.Endpoints.Select(address => new NodeConnection(address, configured: true, dispatcher))];
            // The background work of a client is no part of whatever its first caller was doing.
            using (ExecutionContext.SuppressFlow())
                Array.ForEach(_nodes, static node => node.Start());
        }
    }

    public void Apply(Wire.ClusterDescription description)
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            // An older layout is not followed; but which node answers where has been learned with it.
            var latest = _routes is { } known && known.Description.LayoutVersion > description.LayoutVersion
                ? known.Description
                : description;
            if (dispatcher.Settings.Discover)
                FollowMembership(latest);
            _routes = new RoutingTable(latest, _nodes);
        }
    }

    /// <summary>Why a node does not let the client in; null where none has said so.</summary>
    public string? NotLetIn() => Array.Find(_nodes, static node => node.NotLetIn is not null)?.NotLetIn;

    /// <summary>Begins to stop all connections; there will be no new ones.</summary>
    public void RequestStop()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var node in _nodes)
                node.RequestStop();
        }
    }

    public Task StopAsync()
    {
        RequestStop();
        return Task.WhenAll(Array.ConvertAll(_nodes, static node => node.StopAsync()));
    }

    public bool IsAnyUp() => Array.Exists(_nodes, static node => node.IsUp);

    /// <summary>The endpoints with what is wrong with each.</summary>
    public string Troubles() => string.Join(", ", _nodes.Select(static node => $"{node.Endpoint} ({node.Trouble})"));

    private void FollowMembership(Wire.ClusterDescription description)
    {
        var kept = new List<NodeConnection>();
        foreach (var node in _nodes)
        {
            if (node.Configured || description.Nodes.Any(member => IsAt(member, node)))
                kept.Add(node);
            else
                node.RequestStop();
        }

        foreach (var member in description.Nodes)
        {
            if (kept.Exists(node => IsAt(member, node)) || !EndpointAddress.TryParse(member.Endpoint, out var address))
                continue;
            if (dispatcher.Settings.IsSecure && address.Scheme != Uri.UriSchemeHttps)
            {
                dispatcher.Log.NotEncrypted(member.Endpoint);
                continue;
            }

            var node = new NodeConnection(address, configured: false, dispatcher);
            kept.Add(node);
            node.Start();
        }

        _nodes = [.. kept];
    }

    // A node can answer under other names than the one it gives itself.
    private static bool IsAt(Wire.NodeDescription member, NodeConnection node) =>
        node.NodeId == member.Id
        || (EndpointAddress.TryParse(member.Endpoint, out var address) && EndpointAddress.Text(address) == node.Endpoint);
}
