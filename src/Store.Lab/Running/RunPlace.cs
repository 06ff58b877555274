using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>Where the calls of a run are made.</summary>
/// <param name="EndpointOf">Where a node serves clients.</param>
/// <param name="Tls">What its nodes speak TLS with; null where they speak plain.</param>
/// <param name="KeyPrefix">What stands before every key of the scenario in the store, and not in the history: empty in a cluster of the
/// run's own.</param>
internal sealed record RunPlace(Func<int, string> EndpointOf, GossipdbTls? Tls, string KeyPrefix)
{
    /// <summary>A local cluster.</summary>
    public static RunPlace Of(ProcessCluster cluster, string keyPrefix) =>
        new(node => cluster.Nodes[node - 1].Endpoint, cluster.Certificates?.Tls, keyPrefix);

    /// <summary>A client that talks to these nodes alone, and whose calls are no session.</summary>
    public GossipdbClient Client(IEnumerable<int> nodes, TimeSpan timeout) => new(new GossipdbOptions
    {
        Endpoints = [.. nodes.Select(EndpointOf)],
        Discover = false,
        Session = false,
        Timeout = timeout,
        Tls = Tls,
    });
}
