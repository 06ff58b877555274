using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// Calls to all nodes, this one among them, where clients make them: in the name of who looks at the dashboard. Connections are closed
/// when they have not been used for a minute. Any thread.
/// </summary>
internal sealed class NodeCalls(
    NodeSettings settings, NodeCertificates certificates, AddressBook addresses, PartitionDirectory partitions, AccessControl access,
    Authenticator authenticator) : IDisposable
{
    /// <summary>The largest answer that is taken.</summary>
    public const int MaxAnswerBytes = 4 << 20;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, Connection> _connections = [];

    /// <summary>This node.</summary>
    public NodeId Self => settings.Id;

    /// <summary>The nodes of the layout, those that still hold something, and this one.</summary>
    public IReadOnlyCollection<NodeId> Nodes
    {
        get
        {
            var layout = partitions.Layout;
            var nodes = new SortedSet<NodeId>(layout.Nodes) { settings.Id };
            for (var partition = 0; partition < partitions.Count; partition++) nodes.UnionWith(partitions.HoldersKnownOf(partition) ?? []);
            nodes.RemoveWhere(node => layout.IsLost(node) || addresses.Find(node) is null);
            return nodes;
        }
    }

    /// <summary>The owners of a key, in order.</summary>
    public IEnumerable<NodeId> OwnersOf(int partition) => partitions.Placement.PreferenceList(partition);

    /// <summary>How many partitions there are.</summary>
    public int Partitions => settings.Partitions;

    /// <summary>What nodes let the caller of a request in by: what it was let in by here. Null where nobody is asked.</summary>
    /// <exception cref="LoginRefusedException">It has shown a certificate of nobody who could be given a token.</exception>
    public string? CredentialsOf(HttpContext http)
    {
        if (!access.IsOn) return null;
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return header;

        // A password goes no further than here, and a certificate cannot.
        return http.Features.Get<LoggedIn>() is { } who ? $"Bearer {authenticator.Issue(who).Token}" : null;
    }

    /// <summary>Where a node serves data.</summary>
    /// <exception cref="BadCallException">There is no such node.</exception>
    public Protocol.Gossipdb.GossipdbClient Data(NodeId node) => new(ChannelOf(node));

    /// <summary>Where a node serves operators.</summary>
    /// <exception cref="BadCallException">There is no such node.</exception>
    public Admin.AdminClient Operator(NodeId node) => new(ChannelOf(node));

    /// <summary>How a call is made.</summary>
    /// <param name="credentials">In whose name.</param>
    /// <param name="within">How long it may take; null for as long as it lasts.</param>
    /// <param name="cancelled">Gives it up.</param>
    public static CallOptions Options(string? credentials, TimeSpan? within, CancellationToken cancelled) => new(
        credentials is null ? [] : new Metadata { { "authorization", credentials } },
        within is { } time ? DateTime.UtcNow + time : null,
        cancelled);

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var connection in _connections.Values) connection.Channel.Dispose();
            _connections.Clear();
        }
    }

    // One to each node: made anew where the node is elsewhere now, or this node has other certificates.
    private GrpcChannel ChannelOf(NodeId node)
    {
        if (addresses.Find(node) is not { } address) throw new BadCallException($"there is no node {node}");
        var shown = certificates.IsOn ? certificates.Current : null;
        lock (_gate)
        {
            if (_connections.TryGetValue(node, out var known))
            {
                if (known.Endpoint == address.ClientEndpoint && ReferenceEquals(known.Shown, shown)) return known.Channel;
                _connections.Remove(node);
                known.Channel.Dispose();
            }

            var made = ClientPortChannel.To(address.ClientEndpoint, certificates.OptionsFor(node), ConnectWithin, MaxAnswerBytes);
            _connections.Add(node, new Connection(made, address.ClientEndpoint, shown));
            return made;
        }
    }

    /// <summary>A connection to a node.</summary>
    /// <param name="Channel">The connection.</param>
    /// <param name="Endpoint">Where to.</param>
    /// <param name="Shown">The certificates that it is made with; null where nodes speak plain.</param>
    private sealed record Connection(GrpcChannel Channel, string Endpoint, CertificateSet? Shown);
}
