using Gossipdb.Client;
using Gossipdb.LocalCluster;
using Gossipdb.Testing.Recording;

namespace Gossipdb.Testing;

/// <summary>The clients of a cluster, each with a tap for those who record what it does. Disposing closes all of them.</summary>
internal sealed class ClientPool(ProcessCluster cluster) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, GossipdbClient> _shared = [];
    private readonly Dictionary<GossipdbClient, CallTap> _taps = new(ReferenceEqualityComparer.Instance);
    private readonly List<CallLog> _everything = [];
    private bool _isClosed;

    /// <summary>The client of all nodes.</summary>
    public GossipdbClient OfAll() => Shared(0);

    /// <summary>The client that stays on one node.</summary>
    public GossipdbClient Of(int node) => Shared(node);

    /// <summary>A client of its own.</summary>
    public GossipdbClient Make(string name, int? node, Action<GossipdbOptions>? configure)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(GossipdbCluster));
            var options = cluster.ClientOptions;
            if (node is { } one) (options.Endpoints, options.Discover) = ([cluster.Nodes[one - 1].Endpoint], false);
            configure?.Invoke(options);
            var tap = new CallTap(name);
            var client = new GossipdbClient(options, tap.ScopeOf);
            _taps.Add(client, tap);
            foreach (var log in _everything) tap.Attach(log);
            return client;
        }
    }

    /// <summary>Has a log take the calls of some clients, or of all there are and will be.</summary>
    public void Attach(CallLog log, IReadOnlyCollection<GossipdbClient> clients)
    {
        lock (_gate)
        {
            var taps = clients.Select(client => _taps.GetValueOrDefault(client) ?? throw new ArgumentException(
                "a history records clients that the cluster made: Client, ClientOf and NewClient", nameof(clients))).ToList();
            if (clients.Count == 0)
            {
                _everything.Add(log);
                taps.AddRange(_taps.Values);
            }

            foreach (var tap in taps.Distinct()) tap.Attach(log);
        }
    }

    public void Detach(CallLog log)
    {
        lock (_gate)
        {
            _everything.Remove(log);
            foreach (var tap in _taps.Values) tap.Detach(log);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<GossipdbClient> clients;
        lock (_gate)
        {
            _isClosed = true;
            clients = [.. _taps.Keys];
        }

        foreach (var client in clients) await client.DisposeAsync().ConfigureAwait(false);
    }

    private GossipdbClient Shared(int node)
    {
        lock (_gate)
        {
            if (!_shared.TryGetValue(node, out var client))
            {
                client = Make(node == 0 ? "client" : $"node {node}", node == 0 ? null : node, configure: null);
                _shared.Add(node, client);
            }

            return client;
        }
    }
}
